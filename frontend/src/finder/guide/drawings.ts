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
  late: {
    curve: [18, 21, 25, 30, 36, 41, 46, 49, 52, 53, 54, 54, 54, 53, 50, 43, 32, 17, 1],
    scatter: 2,
    missing: [],
    mark: 7,
  },
  twice: {
    curve: [8, 8, 8, 10, 18, 30, 37, 39, 40, 40, 40, 40, 40, 40, 40, 41, 44, 50, 54, 56, 56, 55, 50, 40, 24, 6],
    scatter: 1,
    missing: [],
    mark: 17,
  },
  trained: {
    curve: [56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 55, 53, 50, 45, 38, 30, 22, 15, 9, 5],
    scatter: 2,
    missing: [],
    mark: 12,
  },
  broke: {
    curve: [34, 34, 34, 33, 31, 25, 13, 0],
    scatter: 2,
    missing: [],
    mark: null,
  },
  flat: {
    curve: Array<number>(28).fill(34),
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
