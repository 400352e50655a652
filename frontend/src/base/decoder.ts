/** `unknown → typed`, value by value: what does not fit is said in words. */

export type Fields = Readonly<Record<string, unknown>>;
export type Decoder<T> = (value: unknown, where: string) => T;

export function object(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(where, "an object", value);
  return value as Fields;
}

export function array<T>(value: unknown, where: string, item: Decoder<T>): T[] {
  if (!Array.isArray(value)) throw malformed(where, "an array", value);
  return value.map((element, index) => item(element, `${where}[${index}]`));
}

/** Numbers, with null for those that are not finite. */
export function column(value: unknown, where: string): Float64Array {
  const numbers = array(value, where, (element, place) => nullable(number, element, place));
  return Float64Array.from(numbers, (element) => element ?? Number.NaN);
}

export function text(value: unknown, where: string): string {
  if (typeof value !== "string") throw malformed(where, "text", value);
  return value;
}

export function truth(value: unknown, where: string): boolean {
  if (typeof value !== "boolean") throw malformed(where, "true or false", value);
  return value;
}

export function number(value: unknown, where: string): number {
  if (typeof value !== "number") throw malformed(where, "a number", value);
  return value;
}

export function share(value: unknown, where: string): number {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) throw malformed(where, "a number from 0 to 1", value);
  return value;
}

export function count(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw malformed(where, "a whole number from 0", value);
  return value as number;
}

export function nullable<T>(decode: Decoder<T>, value: unknown, where: string): T | null {
  return value === null ? null : decode(value, where);
}

export function oneOf<T extends string>(allowed: readonly T[]): Decoder<T> {
  return (value, where) => {
    if (!allowed.includes(value as T)) throw malformed(where, `one of ${allowed.join(", ")}`, value);
    return value as T;
  };
}

export function malformed(where: string, expected: string, received: unknown): Error {
  const shown = JSON.stringify(received) ?? String(received);
  return new Error(`The server's answer is malformed: ${where} must be ${expected}. Received: ${shown.slice(0, 80)}.`);
}
