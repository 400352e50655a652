/** The value that a share of some finite values lies below, on a straight line between the two nearest ones. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted();
  const place = share * (sorted.length - 1);
  const left = sorted[Math.floor(place)]!;
  const right = sorted[Math.ceil(place)]!;
  return left + (right - left) * (place % 1);
}
