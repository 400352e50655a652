/** Finding a row of a sweep by its learning rate. The rates of a sweep ascend. */

import { bisectLeft } from "d3-array";

/** The row whose rate is nearest on a log axis; -1 where there is none. */
export function nearestRow(rates: Float64Array, rate: number): number {
  const after = bisectLeft(rates, rate);
  if (after === 0 || after === rates.length) return Math.min(after, rates.length - 1);
  return rate / rates[after - 1]! < rates[after]! / rate ? after - 1 : after;
}

/** The value at `rate` on the line through the rows, straight on a log axis; NaN outside of the sweep. */
export function valueAt(rates: Float64Array, values: Float64Array, rate: number): number {
  const after = bisectLeft(rates, rate);
  if (rates[after] === rate) return values[after]!;
  if (after === 0 || after === rates.length) return Number.NaN;
  const [left, right] = [rates[after - 1]!, rates[after]!];
  const share = Math.log(rate / left) / Math.log(right / left);
  return values[after - 1]! * (1 - share) + values[after]! * share;
}
