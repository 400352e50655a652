/** Values of a table between its rows. */

import { clamp } from "./numbers";
import { firstRowFrom } from "./search";

/** The distance beyond the ends within which the outermost line goes on, in units of the first column. */
const REACH = 1;

/**
 * The value at `x` on the straight lines through the rows; `xs` ascend. The outermost lines go on by `REACH`; NaN farther
 * away, and without rows.
 */
export function interpolate(xs: Float64Array, ys: Float64Array, x: number): number {
  if (xs.length === 0 || !(x >= xs[0]! - REACH && x <= xs.at(-1)! + REACH)) return Number.NaN;
  const after = firstRowFrom(xs, x);
  if (xs[after] === x) return ys[after]!;
  const right = clamp(after, 1, xs.length - 1);
  const left = right - 1;
  if (left < 0 || xs[left] === xs[right]) return ys[Math.max(left, 0)]!;
  const share = (x - xs[left]!) / (xs[right]! - xs[left]!);
  return ys[left]! * (1 - share) + ys[right]! * share;
}
