/** Data loaded from the server, by key, each with its version. */

import { signal } from "@preact/signals";
import { LatestQueue } from "./queue";

export class ServerCache<T> {
  readonly #entries = signal<ReadonlyMap<string, T>>(new Map());
  readonly #versions = new Map<string, string>();
  readonly #queue = new LatestQueue();

  get(key: string): T | undefined {
    return this.#entries.value.get(key);
  }

  /** Loads the entries whose version is not the given one, and only those; requests follow one another. */
  update(
    versions: ReadonlyMap<string, string>,
    load: (keys: readonly string[]) => Promise<(readonly [string, T])[]>,
  ): Promise<void> {
    return this.#queue.add(async () => {
      const stale = [...versions].filter(([key, version]) => this.#versions.get(key) !== version);
      if (stale.length === 0) return;
      const loaded = await load(stale.map(([key]) => key));
      for (const [key, version] of stale) this.#versions.set(key, version);
      this.#entries.value = new Map([...this.#entries.value, ...loaded]);
    });
  }
}

/** Entries that carry their own key. */
export function byId<T extends { readonly id: string }>(entries: readonly T[]): (readonly [string, T])[] {
  return entries.map((entry) => [entry.id, entry] as const);
}
