/** The arrow keys that lead to the item before and to the one after. */
export const ACROSS = ["ArrowLeft", "ArrowRight"] as const;
export const DOWN = ["ArrowUp", "ArrowDown"] as const;

/** The item that a key leads to, from the last one on to the first; undefined for other keys. */
export function itemAt<T>(
  items: readonly T[],
  current: T,
  key: string,
  [before, after]: typeof ACROSS | typeof DOWN,
): T | undefined {
  const index = items.indexOf(current);
  switch (key) {
    case before:
      return items.at(index - 1);
    case after:
      return items[(index + 1) % items.length];
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
    default:
      return undefined;
  }
}
