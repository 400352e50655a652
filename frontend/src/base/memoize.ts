/** Memoizes a function of one object, for as long as the object lives. */
export function memoize<K extends object, T>(compute: (key: K) => T): (key: K) => T {
  const entries = new WeakMap<K, { value: T }>();
  return (key) => {
    const entry = entries.get(key) ?? { value: compute(key) };
    entries.set(key, entry);
    return entry.value;
  };
}
