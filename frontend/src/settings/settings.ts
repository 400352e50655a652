/** What the user chose, as signals that know how to be written into an address and a memory. */

import { batch, computed, type Signal, signal } from "@preact/signals";

export interface Setting {
  /** Whether it outlives the page; what belongs to one look at one experiment (a zoom, a selection) does not. */
  readonly isPreference: boolean;
  /** Null at its default. */
  readonly write: () => string | null;
  /** Without a text, back to the default; a text that cannot be read leaves the setting as it is. */
  readonly read: (text: string | undefined) => void;
}

/** By key: settings as text; those that are missing are at their default. */
export type Texts = ReadonlyMap<string, string>;

export class Settings {
  readonly #settings = new Map<string, Setting>();
  readonly all = computed(() => this.#texts(() => true));
  readonly preferences = computed(() => this.#texts(({ isPreference }) => isPreference));

  /** One of a few names. */
  choice<T extends string>(key: string, options: readonly T[], initial: T): Signal<T> {
    return this.#add(key, initial, true, String, oneOf(options));
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

  /**
   * Where one is, by a name. It is always written, the default too: an address without any settings is one in which
   * everybody finds their own preferences.
   */
  place<T extends string>(key: string, options: readonly T[], initial: T): Signal<T> {
    const held = this.#add(key, initial, false, String, oneOf(options));
    this.#settings.set(key, { ...this.#settings.get(key)!, write: () => held.value });
    return held;
  }

  /** What is held elsewhere. */
  add(key: string, setting: Setting): void {
    if (this.#settings.has(key)) throw new Error(`There are two settings "${key}".`);
    this.#settings.set(key, setting);
  }

  /** Shows what the texts say, and nothing else. */
  take(texts: Texts): void {
    batch(() => {
      for (const [key, { read }] of this.#settings) read(texts.get(key));
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
    const read = (text: string | undefined) => {
      try {
        const value = text === undefined ? initial : parse(text);
        if (value !== undefined) held.value = value;
      } catch {
        // An address written by hand, or by another version: the setting stays.
      }
    };
    const write = () => (held.value === initial ? null : String(format(held.value)));
    this.add(key, { isPreference, read, write });
    return held;
  }

  #texts(isWanted: (setting: Setting) => boolean): Texts {
    const entries = [...this.#settings].filter(([, setting]) => isWanted(setting));
    return new Map(entries.flatMap(([key, { write }]) => (write() === null ? [] : [[key, write()!] as const])));
  }
}

function oneOf<T extends string>(options: readonly T[]) {
  return (text: string) => options.find((option) => option === text);
}
