/** Lists of names in sentences, and the common item of a list. */

const NAMED_AT_MOST = 3;

/** "a, b and c"; the first names and the number of the others where there are many. */
export function listNames(names: readonly string[]): string {
  const rest = names.length - NAMED_AT_MOST;
  const parts = rest > 1 ? [...names.slice(0, NAMED_AT_MOST), `${rest} more`] : names;
  return parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** The item that all items equal; undefined where they differ, and for no items. */
export function common<T>(items: Iterable<T>): T | undefined {
  const [item, ...others] = new Set(items);
  return others.length > 0 ? undefined : item;
}
