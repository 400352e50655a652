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

/** Heights in steps of two, a digit of base 36 each. */
const heights = (digits: string) => Array.from(digits, (digit) => 2 * Number.parseInt(digit, 36));

export const DRAWINGS: Readonly<Record<ShapeName, Drawing>> = {
  good: {
    curve: heights("999999aabcfiknoqqrrrqpmg80"),
    scatter: 2,
    missing: [],
    mark: 14,
  },
  short: {
    curve: heights("9999999999aaacdfhjl"),
    scatter: 2,
    missing: heights("lnoqqrqoj"),
    mark: 14,
  },
  late: {
    curve: heights("9acfiknoqqrrrqpmg80"),
    scatter: 2,
    missing: [],
    mark: 7,
  },
  twice: {
    curve: heights("44459fikkkkkkkkkmprssspkc3"),
    scatter: 1,
    missing: [],
    mark: 17,
  },
  trained: {
    curve: heights("sssssssssssssssssqpmjfb842"),
    scatter: 2,
    missing: [],
    mark: 12,
  },
  broke: {
    curve: heights("hhhggc60"),
    scatter: 2,
    missing: [],
    mark: null,
  },
  flat: {
    curve: heights("hhhhhhhhhhhhhhhhhhhhhhhhhhhh"),
    scatter: 2,
    missing: [],
    mark: null,
  },
  noise: {
    curve: heights("egedfggeehgegikigjmkikligiea"),
    scatter: 19,
    missing: [],
    mark: 16,
  },
};
