/** Requests in turn, of which only the latest counts. */

/** Runs one piece of work after the other; only the newest of those that wait is run. */
export class LatestQueue {
  #last: Promise<void> = Promise.resolve();
  #newest = 0;

  add(work: () => Promise<void>): Promise<void> {
    const before = this.#last;
    this.#newest += 1;
    const mine = this.#newest;
    // Whoever asked for the work before hears of its failure.
    this.#last = before.catch(() => {}).then(() => (mine === this.#newest ? work() : undefined));
    return this.#last;
  }
}

/** Only the latest of several attempts counts: each `next` aborts the one before. */
export class LatestAttempt {
  #controller = new AbortController();

  next(): AbortSignal {
    this.#controller.abort();
    this.#controller = new AbortController();
    return this.#controller.signal;
  }
}

/** Waits; ends at once, with the signal's reason, when it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
