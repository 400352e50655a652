/** Decoders, `unknown → typed`: an error says in words what does not fit. */

import { isTime } from "./time";

/** Returns the value with its type; `where` is the path of the value, for the message of an error. */
export type Decoder<T> = (value: unknown, where: string) => T;
/** The type that a decoder yields. */
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** The decoder of each field. */
type Shape = Readonly<Record<string, Decoder<unknown>>>;
type Fields = Readonly<Record<string, unknown>>;

/** An object with the named fields, and no others: `numSteps` here is `num_steps` on the wire. */
export function object<S extends Shape>(shape: S): Decoder<{ readonly [K in keyof S]: Decoded<S[K]> }> {
  const fields = Object.entries(shape).map(([key, decode]) => ({ key, name: snakeCase(key), decode }));
  return (value, where) => {
    const received = fieldsOf(value, where);
    const decoded: Record<string, unknown> = {};
    for (const { key, name, decode } of fields)
      decoded[key] = decode(received[name], where ? `${where}.${name}` : name);
    return decoded as { readonly [K in keyof S]: Decoded<S[K]> };
  };
}

/**
 * As `object`, for a whole answer. `name` is the name of the answer in messages; the paths of its fields do without it.
 */
export function answer<S extends Shape>(name: string, shape: S) {
  const decode = object(shape);
  return (value: unknown) => decode(fieldsOf(value, name), "");
}

/** Fields with any names, all of one type. */
export function record<T>(item: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, where) => {
    const entries = Object.entries(fieldsOf(value, where));
    return Object.fromEntries(entries.map(([key, field]) => [key, item(field, `${where}.${key}`)]));
  };
}

export function list<T>(item: Decoder<T>): Decoder<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw malformed(where, "an array", value);
    return value.map((element, index) => item(element, `${where}[${index}]`));
  };
}

/**
 * As `list`, for items that do not depend on each other: one that does not decode gives way to what `rescue` makes of it and of
 * the reason, in words. Paths begin at the item.
 */
export function rescued<T, U = never>(
  item: Decoder<T>,
  rescue: (value: unknown, reason: string) => readonly U[],
): Decoder<readonly (T | U)[]> {
  const attempt: Decoder<readonly (T | U)[]> = (value) => {
    try {
      return [item(value, "")];
    } catch (error) {
      return rescue(value, reasonOf(error));
    }
  };
  const items = list(attempt);
  return (value, where) => items(value, where).flat();
}

export function nullable<T>(decode: Decoder<T>): Decoder<T | null> {
  return (value, where) => (value === null ? null : decode(value, where));
}

export function oneOf<const T extends string>(allowed: readonly T[]): Decoder<T> {
  return (value, where) => {
    if (!allowed.includes(value as T)) throw malformed(where, `one of ${allowed.join(", ")}`, value);
    return value as T;
  };
}

export const text: Decoder<string> = (value, where) => {
  if (typeof value !== "string") throw malformed(where, "text", value);
  return value;
};

/** Text that is there to be read: cut where nobody reads on, without characters that a picture or an address cannot hold. */
export const prose: Decoder<string> = (value, where) => {
  const whole = text(value, where);
  const part = whole.length > LONGEST ? `${whole.slice(0, LONGEST - 1).replace(HALF_LETTER, "")}…` : whole;
  return part.toWellFormed().replace(CONTROL, "\ufffd");
};
const LONGEST = 2_000;
const HALF_LETTER = /[\ud800-\udbff]$/;
/**
 * The control characters but for tabs and line breaks, those that nobody sees or that turn the direction of letters, and what
 * else XML forbids.
 */
const CONTROL = /[^\P{Cc}\t\n\r]|[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

/** The name of something, by which it is asked for. */
export const key: Decoder<string> = (value, where) => {
  const name = text(value, where);
  if (name === "") throw malformed(where, "a name", value);
  return name;
};

export const truth: Decoder<boolean> = (value, where) => {
  if (typeof value !== "boolean") throw malformed(where, "true or false", value);
  return value;
};

export const number: Decoder<number> = (value, where) => {
  // JSON has numbers that are infinite here: 1e999.
  if (!Number.isFinite(value)) throw malformed(where, "a number", value);
  return value as number;
};

export const positive: Decoder<number> = (value, where) => {
  const above = number(value, where);
  if (above <= 0) throw malformed(where, "a number above 0", value);
  return above;
};

/** Seconds since the epoch of Unix. */
export const time: Decoder<number> = (value, where) => {
  if (typeof value !== "number" || !isTime(value)) throw malformed(where, "a time in seconds", value);
  return value;
};

/** A part of a whole. */
export const share: Decoder<number> = (value, where) => {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) throw malformed(where, "a number from 0 to 1", value);
  return value;
};

export const count: Decoder<number> = (value, where) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw malformed(where, "a whole number from 0", value);
  return value as number;
};

/** Numbers; NaN for null, which stands for those that are not finite. */
export const column: Decoder<Float64Array> = (value, where) =>
  Float64Array.from(cells(value, where), (cell) => cell ?? Number.NaN);

const cells = list(nullable(number));

/** The error of a value that is not what it must be. */
export class Malformed extends Error {
  /** The same without the words that it is about an answer. */
  readonly reason: string;

  constructor(reason: string) {
    super(`The server's answer is malformed: ${reason}`);
    this.reason = reason;
  }
}

export function malformed(where: string, expected: string, received: unknown): Malformed {
  return new Malformed(`${where || "it"} must be ${expected}. Received: ${shown(received)}.`);
}

function shown(received: unknown): string {
  try {
    return (JSON.stringify(received) ?? String(received)).slice(0, 80);
  } catch {
    return "what is nested too deeply to be shown";
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Malformed ? error.reason : String(error);
}

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(where, "an object", value);
  return value as Fields;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
