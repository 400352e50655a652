/** Decoders, `unknown → typed`: an error says in words what does not fit. */

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

export const truth: Decoder<boolean> = (value, where) => {
  if (typeof value !== "boolean") throw malformed(where, "true or false", value);
  return value;
};

export const number: Decoder<number> = (value, where) => {
  if (typeof value !== "number") throw malformed(where, "a number", value);
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

export function malformed(where: string, expected: string, received: unknown): Error {
  const shown = JSON.stringify(received) ?? String(received);
  return new Error(`The server's answer is malformed: ${where} must be ${expected}. Received: ${shown.slice(0, 80)}.`);
}

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(where, "an object", value);
  return value as Fields;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
