/** Places in columns that ascend. */

/** The first row that is not below `value`; the number of rows where all are. */
export function firstRowFrom(column: Float64Array, value: number): number {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
