/** The binary container of `http_api.md`: a directory in JSON, then columns of numbers. */

import { answer, count, type Decoder, key, list, malformed, object, prose, rescued, text } from "../base/decoder";
import { asUnreadable } from "./damage";
import type { Unreadable } from "./types";

const MAGIC = "LRF1";
const HEADER_BYTES = 8;

/** One trace of a container. */
export interface Entry {
  /** The object of the trace in the directory, and its path for messages. */
  readonly fields: unknown;
  readonly where: string;
  /** A view into the answer: nothing is copied. */
  readonly column: (name: string) => Float64Array;
  /** As `column`, or null where there is no such column. */
  readonly optional: (name: string) => Float64Array | null;
}

const unreadable: Decoder<Unreadable> = object({ id: key, error: prose });
const table = object({ id: key, rows: count, columns: list(object({ name: text, offset: count })) });

/**
 * Decodes the traces of a container; `name` is the name of the container in messages. A malformed trace is unreadable, and left
 * out where it says not even which one it is.
 */
export function decodeContainer<T>(
  buffer: ArrayBuffer,
  name: string,
  decode: (entry: Entry) => T,
): readonly (T | Unreadable)[] {
  if (buffer.byteLength < HEADER_BYTES) throw malformed(name, `at least ${HEADER_BYTES} bytes`, buffer.byteLength);
  const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC) throw malformed(name, `the letters ${MAGIC} at the start`, magic);
  const length = new DataView(buffer).getUint32(4, true);
  const start = HEADER_BYTES + length;
  const directoryName = `the directory of ${name}`;
  if (length % 8 !== 0 || start > buffer.byteLength) {
    throw malformed(directoryName, "a length that is a multiple of 8 and fits the answer", length);
  }
  const entry: Decoder<T | Unreadable> = (fields, where) => {
    if ((fields as Unreadable | null)?.error !== undefined) return unreadable(fields, where);
    return decode({ fields, where, ...columnsOf(fields, where, buffer, start) });
  };
  const directory = answer(directoryName, { traces: rescued(entry, asUnreadable) });
  return directory(parse(new Uint8Array(buffer, HEADER_BYTES, length), directoryName)).traces;
}

function parse(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw malformed(name, "JSON", new TextDecoder().decode(bytes.slice(0, 40)));
  }
}

function columnsOf(
  fields: unknown,
  where: string,
  buffer: ArrayBuffer,
  start: number,
): Pick<Entry, "column" | "optional"> {
  const { rows, columns } = table(fields, where);
  const offsets = new Map(columns.map(({ name, offset }) => [name, offset]));
  const column = (name: string) => {
    const offset = rows === 0 ? 0 : offsets.get(name);
    if (offset === undefined) throw malformed("columns", `a list with "${name}"`, [...offsets.keys()]);
    if (offset % 8 !== 0 || start + offset + rows * 8 > buffer.byteLength) {
      throw malformed(`column "${name}"`, `${rows} values inside the ${buffer.byteLength} bytes`, offset);
    }
    return new Float64Array(buffer, start + offset, rows);
  };
  return { column, optional: (name) => (offsets.has(name) ? column(name) : null) };
}
