import type { Unreadable } from "../../src/server/types";

/** The entries that the server could read; an error where one of the others is malformed, in the decoder's words. */
export function sound<T extends object>(entries: readonly (T | Unreadable)[]): T[] {
  for (const entry of entries) {
    if ("error" in entry && /^TensorBoard's answer about this run is malformed/.test(String(entry.error))) {
      throw new Error(String(entry.error));
    }
  }
  return entries.filter((entry): entry is T => !("error" in entry));
}
