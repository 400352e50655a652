/** Rows of a sweep by their learning rate. The rates of a sweep ascend. */

import { bisectLeft } from "d3-array";
import type { ScaleKind } from "../scales";

/** The row whose rate is nearest on an axis of this kind; -1 where there is none. */
export function nearestRow(rates: Float64Array, rate: number, kind: ScaleKind = "log"): number {
  const after = bisectLeft(rates, rate);
  if (after === 0 || after === rates.length) return Math.min(after, rates.length - 1);
  const [left, right] = [rates[after - 1]!, rates[after]!];
  const isLeftNearer = kind === "log" ? rate / left < right / rate : rate - left < right - rate;
  return isLeftNearer ? after - 1 : after;
}

/** The value at `rate` on the line through the rows, straight on an axis of this kind; NaN outside of the sweep. */
export function valueAt(rates: Float64Array, values: Float64Array, rate: number, kind: ScaleKind = "log"): number {
  const after = bisectLeft(rates, rate);
  if (rates[after] === rate) return values[after]!;
  if (after === 0 || after === rates.length) return Number.NaN;
  const [left, right] = [rates[after - 1]!, rates[after]!];
  const share = kind === "log" ? Math.log(rate / left) / Math.log(right / left) : (rate - left) / (right - left);
  return values[after - 1]! * (1 - share) + values[after]! * share;
}
