/** What the user chose, as signals that know how to be written into an address and a memory. */

import { batch, computed, type Signal, signal } from "@preact/signals";

interface Setting {
  /** Whether it outlives the page; what belongs to one look at one experiment (a zoom, a selection) does not. */
  readonly isPreference: boolean;
  /** Null at its default. */
  readonly write: () => string | null;
  /** What cannot be read leaves the setting as it is. */
  readonly read: (text: string) => void;
}

export class Settings {
  readonly #all = new Map<string, Setting>();
  /** By key: every setting that is not at its default. */
  readonly written = computed(() => this.#written(() => true));
  readonly preferences = computed(() => this.#written(({ isPreference }) => isPreference));

  /** One of a few names. */
  choice<T extends string>(key: string, options: readonly T[], initial: T): Signal<T> {
    return this.#add(key, initial, true, String, (text) => options.find((option) => option === text));
  }

  number(key: string, initial: number, [lo, hi]: readonly [number, number]): Signal<number> {
    return this.#add(key, initial, true, String, (text) => {
      const value = Number(text);
      return text !== "" && value >= lo && value <= hi ? value : undefined;
    });
  }

  flag(key: string, initial: boolean): Signal<boolean> {
    return this.#add(key, initial, true, Number, (text) => ({ 0: false, 1: true })[text]);
  }

  /** Text that belongs to one experiment. */
  text(key: string, initial = ""): Signal<string> {
    return this.#add(key, initial, false, String, (text) => text);
  }

  /** Plain data of one experiment, null by default; `check` throws on, or returns undefined for, what it is not. */
  data<T>(key: string, check: (value: unknown) => T | undefined): Signal<T | null> {
    return this.#add<T | null>(key, null, false, JSON.stringify, (text) => check(JSON.parse(text)));
  }

  take(texts: ReadonlyMap<string, string>): void {
    batch(() => {
      for (const [key, text] of texts) this.#all.get(key)?.read(text);
    });
  }

  #add<T>(
    key: string,
    initial: T,
    isPreference: boolean,
    format: (value: T) => unknown,
    parse: (text: string) => T | undefined,
  ): Signal<T> {
    const held = signal(initial);
    const read = (text: string) => {
      try {
        const value = parse(text);
        if (value !== undefined) held.value = value;
      } catch {
        // An address written by hand, or by another version: the setting stays.
      }
    };
    const write = () => (held.value === initial ? null : String(format(held.value)));
    this.#all.set(key, { isPreference, read, write });
    return held;
  }

  #written(isWanted: (setting: Setting) => boolean): ReadonlyMap<string, string> {
    const entries = [...this.#all].filter(([, setting]) => isWanted(setting));
    return new Map(entries.flatMap(([key, { write }]) => (write() === null ? [] : [[key, write()!] as const])));
  }
}
