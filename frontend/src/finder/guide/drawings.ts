/** The shapes of curves that people meet, drawn by hand. */

import type { ShapeName } from "../../server/types";

export interface Drawing {
  /** Heights of the curve from the top, at even distances. */
  readonly curve: readonly number[];
  /** The distance to which single losses scatter around the curve. */
  readonly scatter: number;
  /** The continuation of a curve that was cut short; empty for a complete one. */
  readonly missing: readonly number[];
  /** The row of the suggestion; null where there is none. */
  readonly mark: number | null;
}

export const DRAWINGS: Readonly<Record<ShapeName, Drawing>> = {
  good: {
    curve: [18, 18, 18, 18, 18, 18, 19, 20, 22, 25, 30, 36, 41, 46, 49, 52, 53, 54, 54, 54, 53, 50, 43, 32, 17, 1],
    scatter: 2,
    missing: [],
    mark: 14,
  },
  short: {
    curve: [18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 19, 20, 21, 23, 26, 30, 34, 38, 42],
    scatter: 2,
    missing: [42, 46, 49, 52, 53, 54, 53, 48, 38],
    mark: 14,
  },
  flat: {
    curve: [34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 33, 32, 28, 20, 8, 0],
    scatter: 2,
    missing: [],
    mark: null,
  },
  noise: {
    curve: [
      29, 31, 28, 26, 30, 33, 31, 27, 29, 34, 32, 28, 31, 36, 40, 37, 33, 38, 43, 41, 36, 40, 42, 37, 33, 35, 28, 20,
    ],
    scatter: 19,
    missing: [],
    mark: 16,
  },
};
