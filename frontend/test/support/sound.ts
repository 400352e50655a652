/** Answers of which nothing is malformed. */

import type { TraceList } from "../../src/server/decode";
import type { Unreadable } from "../../src/server/types";

const MALFORMED = /^TensorBoard's answer about this run is malformed/;

/** The entries that the server could read; an error where one of the others is malformed, in the decoder's words. */
export function sound<T extends object>(entries: readonly (T | Unreadable)[]): T[] {
  for (const entry of entries) if ("error" in entry) refuse(String(entry.error));
  return entries.filter((entry): entry is T => !("error" in entry));
}

/** The list; an error where one of its traces is malformed, in the decoder's words. */
export function soundList(list: TraceList): TraceList {
  for (const { statusText } of list.traces) refuse(statusText);
  return list;
}

function refuse(words: string): void {
  if (MALFORMED.test(words)) throw new Error(words);
}
