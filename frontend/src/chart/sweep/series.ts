/** The data that the chart of sweeps draws, one entry per visible run. */

import { common } from "../../base/lists";
import { formatRate } from "../../base/numbers";
import type { Mode, Trial } from "../../server/types";
import type { LineStyle } from "../palette";
import type { Interval } from "../scales";

/** The suggested rate; for cyclical rates the upper bound, with the lower one beside it. */
export interface SuggestedRate {
  readonly rate: number;
  readonly lower: number | null;
}

/** The suggested rate, or both bounds, in all digits. */
export function exactly({ rate, lower }: SuggestedRate): string {
  return lower === null ? String(rate) : `${lower} to ${rate}`;
}

/** The suggested rate, or both bounds, in short: 0.0031, or 9e-4 – 0.0094. */
export function rateText({ rate, lower }: SuggestedRate): string {
  return lower === null ? formatRate(rate) : `${formatRate(lower)} – ${formatRate(rate)}`;
}

/** The blow-up edge, and the factor by which it lies above the suggested constant rate. */
export interface Edge {
  readonly rate: number;
  readonly ratio: number | null;
}

/** The quantities that a series can show: recorded values, or their slope per decade of learning rate. */
export const QUANTITIES = ["value", "slope"] as const;
export type Quantity = (typeof QUANTITIES)[number];

export interface Rows {
  readonly learningRate: Float64Array;
  readonly values: Float64Array;
}

export interface Series extends Rows, LineStyle {
  readonly id: string;
  readonly run: string;
  readonly session: string;
  /** The name of the run, with its start where that is ambiguous. */
  readonly label: string;
  readonly quantity: Quantity;
  /** Null where rows are no steps: a slope lies between them. */
  readonly step: Float64Array | null;
  /** The column of the values, or of the values whose slope this is. */
  readonly column: string;
  readonly mode: Mode;
  readonly smoothed: Float64Array;
  /** Standard deviation around the smoothed values; null where there is none. */
  readonly spread: Float64Array | null;
  /** The rows that the default domain is made for: all of them, where the drawn ones are those of a zoom. */
  readonly overview: Rows;
  /** The rates of the whole sweep, while the test runs. */
  readonly planned: Interval | null;
  readonly suggested: SuggestedRate | null;
  /** The usable band, where there is one. */
  readonly band: Interval | null;
  /** The blow-up edge, where there is one. */
  readonly edge: Edge | null;
  /** The rate of the training in whose middle the test was made; null of a test that stands alone. */
  readonly trainedAt: number | null;
  /** Short trainings, where the values are what they reached. */
  readonly trials: readonly Trial[];
  /** Whether it is the run that others are compared with. */
  readonly isPinned: boolean;
  /** The runs that this is the mean of; null of a run. */
  readonly group: Members | null;
}

/** The runs of a group, by id, and the least and the greatest value that any of them has in each row. */
export interface Members {
  readonly runs: readonly string[];
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** The name of the column that all runs show, or "value" where they show different ones. */
export function columnName(series: readonly Series[]): string {
  return common(series.map(({ column }) => column)) ?? "value";
}

export function showsSlope(series: readonly Series[]): boolean {
  return series.some(({ quantity }) => quantity === "slope");
}

/** The title of the axis of values. */
export function valueName(series: readonly Series[]): string {
  return showsSlope(series) ? `slope of ${columnName(series)} per decade` : columnName(series);
}

export const SHADES_AT_MOST = 3;

/** The series whose areas are drawn: of many only that of the run put forward, since shades on shades say nothing. */
export function shaded(series: readonly Series[], front: string | null): readonly Series[] {
  return series.length <= SHADES_AT_MOST ? series : series.filter(({ id }) => id === front);
}
