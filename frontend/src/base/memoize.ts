/** A function that remembers its answers for as long as the objects live that it was asked about. */
export function memoize<K extends object, T>(compute: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, { answer: T }>();
  return (key) => {
    const found = known.get(key) ?? { answer: compute(key) };
    known.set(key, found);
    return found.answer;
  };
}
