/** Equality of plain data. */

/** Whether two values of plain data are equal, all the way down. */
export function isDeepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  return isObject(a) && isObject(b) && haveEqualFields(a, b, isDeepEqual);
}

/** Whether two objects have identical fields. */
export function isShallowEqual(a: object, b: object): boolean {
  return haveEqualFields(a as Fields, b as Fields, Object.is);
}

/**
 * `after`, with every item that equals one of `before` replaced by that one; `before` itself where nothing changed.
 * Results memoized by these objects stay valid.
 */
export function keep<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string,
  areSame: (a: T, b: T) => boolean,
): readonly T[] {
  const byKey = new Map(before.map((item) => [keyOf(item), item]));
  const items = after.map((item) => {
    const old = byKey.get(keyOf(item));
    return old !== undefined && areSame(old, item) ? old : item;
  });
  return isShallowEqual(items, before) ? before : items;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function haveEqualFields(a: Fields, b: Fields, areSame: (a: unknown, b: unknown) => boolean): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => areSame(a[key], b[key]));
}
