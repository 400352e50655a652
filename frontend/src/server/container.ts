/** The binary container of `http_api.md`: a directory in JSON, then columns of numbers. */

import { array, count, type Fields, malformed, object, text } from "../base/decoder";
import type { Unreadable } from "./types";

const MAGIC = "LRF1";
const HEADER_BYTES = 8;

/** One trace of a container. */
export interface Entry {
  readonly id: string;
  readonly fields: Fields;
  /** For messages. */
  readonly where: string;
  /** A view into the answer: nothing is copied. */
  readonly column: (name: string) => Float64Array;
  readonly has: (name: string) => boolean;
}

/** `name` is what the container holds, for messages. */
export function decodeContainer<T>(buffer: ArrayBuffer, name: string, decode: (entry: Entry) => T): (T | Unreadable)[] {
  if (buffer.byteLength < HEADER_BYTES) throw malformed(name, `at least ${HEADER_BYTES} bytes`, buffer.byteLength);
  const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC) throw malformed(name, `the letters ${MAGIC} at the start`, magic);
  const length = new DataView(buffer).getUint32(4, true);
  const start = HEADER_BYTES + length;
  const directoryName = `the directory of ${name}`;
  if (length % 8 !== 0 || start > buffer.byteLength) {
    throw malformed(directoryName, "a length that is a multiple of 8 and fits the answer", length);
  }
  const directory = object(parse(new Uint8Array(buffer, HEADER_BYTES, length), directoryName), directoryName);
  return array(directory.traces, "traces", (value, where) => {
    const fields = object(value, where);
    const id = text(fields.id, `${where}.id`);
    if (fields.error !== undefined) return { id, error: text(fields.error, `${where}.error`) };
    return decode({ id, fields, where, ...columnsOf(fields, id, where, buffer, start) });
  });
}

function parse(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw malformed(name, "JSON", new TextDecoder().decode(bytes.slice(0, 40)));
  }
}

function columnsOf(
  fields: Fields,
  id: string,
  where: string,
  buffer: ArrayBuffer,
  start: number,
): Pick<Entry, "column" | "has"> {
  const rows = count(fields.rows, `${where}.rows`);
  const offsets = new Map(
    array(fields.columns, `${where}.columns`, (value, place) => {
      const column = object(value, place);
      return [text(column.name, `${place}.name`), count(column.offset, `${place}.offset`)] as const;
    }),
  );
  const column = (name: string) => {
    const offset = rows === 0 ? 0 : offsets.get(name);
    if (offset === undefined) throw malformed(`${where}.columns`, `a list with "${name}"`, [...offsets.keys()]);
    if (offset % 8 !== 0 || start + offset + rows * 8 > buffer.byteLength) {
      throw malformed(`column "${name}" of ${id}`, `${rows} values inside the ${buffer.byteLength} bytes`, offset);
    }
    return new Float64Array(buffer, start + offset, rows);
  };
  return { column, has: (name) => offsets.has(name) };
}
