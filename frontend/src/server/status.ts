/** The outcome of the latest request to the server. */

import { signal } from "@preact/signals";

export class ServerStatus {
  /** The failure in words; null after a success. */
  readonly problem = signal<string | null>(null);

  /** Runs a request to its end; a failure becomes words, and an abort in favour of a later request nothing. */
  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.problem.value = null;
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError") return;
      this.problem.value = error instanceof Error ? error.message : String(error);
    }
  }
}
