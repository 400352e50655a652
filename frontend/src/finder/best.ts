/** The best raw value of a curve. */

import { memoize } from "../base/memoize";
import type { Curve } from "../server/types";

export interface Best {
  readonly value: number;
  /** Where it is. */
  readonly learningRate: number;
}

/** Null where no value is finite. Curves that were thinned have kept their extremes. */
export const bestOf = memoize(({ values, learningRate, mode }: Curve): Best | null => {
  const sign = mode === "max" ? -1 : 1;
  let row = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]) && (row < 0 || sign * values[i]! < sign * values[row]!)) row = i;
  }
  return row < 0 ? null : { value: values[row]!, learningRate: learningRate[row]! };
});
