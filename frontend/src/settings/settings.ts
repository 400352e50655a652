/** The choices of the user: signals, with their form as text for an address and a storage. */

import { batch, computed, type Signal, signal } from "@preact/signals";

export interface Setting {
  /** Whether it outlives the page; a setting that belongs to one experiment (a zoom, a selection) does not. */
  readonly isPreference: boolean;
  /** The setting as text; null at its default. */
  readonly write: () => string | null;
  /** Takes a text; undefined restores the default, and a malformed text leaves the setting as it is. */
  readonly read: (text: string | undefined) => void;
}

/** Longer texts of an address are dropped: nobody typed them. */
const LONGEST_TEXT = 1_000;

/** Settings as text, by key; those that are missing are at their default. */
export type Texts = ReadonlyMap<string, string>;

export class Settings {
  readonly #settings = new Map<string, Setting>();
  readonly all = computed(() => this.#texts(() => true));
  /** The number of places that the browser's Back leads to. */
  readonly departures = signal(0);
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

  /** A text that belongs to one experiment, but for a preference. */
  text(key: string, initial = "", isPreference = false): Signal<string> {
    return this.#add(key, initial, isPreference, String, (text) => (text.length > LONGEST_TEXT ? undefined : text));
  }

  /** Plain data that belongs to one experiment, null by default; `check` throws or returns undefined for other data. */
  data<T>(key: string, check: (value: unknown) => T | undefined): Signal<T | null> {
    return this.#add<T | null>(key, null, false, JSON.stringify, (text) => check(JSON.parse(text)));
  }

  /**
   * The name of the page that is shown. It is written at its default too, since an address without any settings opens
   * with everybody's own preferences.
   */
  place<T extends string>(key: string, options: readonly T[], initial: T): Signal<T> {
    const held = this.#add(key, initial, false, String, oneOf(options));
    this.#settings.set(key, { ...this.#settings.get(key)!, write: () => held.value });
    return held;
  }

  /** A setting whose value is held elsewhere. */
  add(key: string, setting: Setting): void {
    if (this.#settings.has(key)) throw new Error(`There are two settings "${key}".`);
    this.#settings.set(key, setting);
  }

  /** Lets the browser's Back lead to the settings as they are, whatever changes next. */
  depart(): void {
    this.departures.value += 1;
  }

  /** Sets all settings to what the texts say; those without a text to their default. */
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
        // An address was written by hand, or by another version: the setting stays.
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
