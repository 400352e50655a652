/** Rows of a line by their place on the horizontal axis. The places ascend. */

import { firstRowFrom } from "../base/search";
import type { ScaleKind } from "./scales";

/** The row that is nearest to `x` on an axis of this kind; -1 where there is none. */
export function nearestRow(xs: Float64Array, x: number, kind: ScaleKind = "log"): number {
  const after = firstRowFrom(xs, x);
  if (after === 0 || after === xs.length) return Math.min(after, xs.length - 1);
  const [left, right] = [xs[after - 1]!, xs[after]!];
  const isLeftNearer = kind === "log" ? x / left < right / x : x - left < right - x;
  return isLeftNearer ? after - 1 : after;
}

/** The value at `x` on the line through the rows, straight on an axis of this kind; NaN outside of the rows. */
export function valueAt(xs: Float64Array, ys: Float64Array, x: number, kind: ScaleKind = "log"): number {
  const after = firstRowFrom(xs, x);
  if (xs[after] === x) return ys[after]!;
  if (after === 0 || after === xs.length) return Number.NaN;
  const [left, right] = [xs[after - 1]!, xs[after]!];
  const share = kind === "log" ? Math.log(x / left) / Math.log(right / left) : (x - left) / (right - left);
  return ys[after - 1]! * (1 - share) + ys[after]! * share;
}
