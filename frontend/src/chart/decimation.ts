/**
 * Fewer points, the same picture: of the consecutive points that fall into one pixel column only the first, the lowest,
 * the highest and the last are kept (M4, Jugel et al. 2014). A point that cannot be drawn ends its column and is kept
 * once, so that the line breaks there.
 *
 * @returns indices into the series, ascending, never more than it has points.
 */
export function decimate(ys: Float64Array, columnOf: (index: number) => number): number[] {
  const columnAt = (index: number) => (Number.isFinite(ys[index]) ? Math.floor(columnOf(index)) : Number.NaN);
  const kept: number[] = [];
  for (let start = 0, end: number; start < ys.length; start = end) {
    const column = columnAt(start);
    end = start + 1;
    while (end < ys.length && Object.is(columnAt(end), column)) end += 1;
    if (Number.isNaN(column)) kept.push(start);
    else keepExtremes(ys, start, end, kept);
  }
  return kept;
}

function keepExtremes(ys: Float64Array, start: number, end: number, kept: number[]): void {
  let low = start;
  let high = start;
  for (let i = start + 1; i < end; i++) {
    if (ys[i]! < ys[low]!) low = i;
    if (ys[i]! > ys[high]!) high = i;
  }
  for (const index of [start, Math.min(low, high), Math.max(low, high), end - 1]) {
    if (index !== kept.at(-1)) kept.push(index);
  }
}
