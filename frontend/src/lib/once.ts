/** A function of columns that remembers its answers for as long as the columns live. */
export function once<T>(compute: (column: Float64Array) => T): (column: Float64Array) => T {
  const known = new WeakMap<Float64Array, { answer: T }>();
  return (column) => {
    const found = known.get(column) ?? { answer: compute(column) };
    known.set(column, found);
    return found.answer;
  };
}
