/** When two values say the same, although they are two. */

/** Plain data, all the way down. */
export function isDeepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  return isObject(a) && isObject(b) && haveEqualFields(a, b, isDeepEqual);
}

/** Objects with the very same fields. */
export function isShallowEqual(a: object, b: object): boolean {
  return haveEqualFields(a as Fields, b as Fields, Object.is);
}

/**
 * `after`, with every item that says the same as one of `before` replaced by that one; `before` itself where all of it
 * stays. What is computed from them, or drawn, then need not be made again.
 */
export function keep<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string,
  areSame: (a: T, b: T) => boolean,
): readonly T[] {
  const known = new Map(before.map((item) => [keyOf(item), item]));
  const kept = after.map((item) => {
    const old = known.get(keyOf(item));
    return old !== undefined && areSame(old, item) ? old : item;
  });
  return isShallowEqual(kept, before) ? before : kept;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function haveEqualFields(a: Fields, b: Fields, areSame: (a: unknown, b: unknown) => boolean): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => areSame(a[key], b[key]));
}
