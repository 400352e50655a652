/** The data that the chart of schedules draws. */

import type { LineStyle } from "../palette";
import type { Interval } from "../scales";

/** An event in a schedule: its position, and its description. */
export interface RateChange {
  readonly step: number;
  readonly x: number;
  readonly rate: number;
  readonly text: string;
}

/** The learning rate of one run along the chosen axis; straight between its rows. */
export interface ScheduleLine extends LineStyle {
  readonly id: string;
  readonly label: string;
  /** Whether it was planned, not trained. */
  readonly isPlan: boolean;
  /** Whether it is the run that others are compared with. */
  readonly isPinned?: boolean;
  /** Ascending. */
  readonly xs: Float64Array;
  readonly rates: Float64Array;
  readonly steps: Float64Array;
  readonly rateChanges: readonly RateChange[];
}

/** A scalar of one run along the same axis, with values of its own. */
export interface Overlay extends LineStyle {
  readonly id: string;
  readonly run: string;
  readonly tag: string;
  /** The schedule it belongs to; null for none. */
  readonly lineId: string | null;
  readonly xs: Float64Array;
  readonly values: Float64Array;
  /** The values as the line goes; the same column where they are not smoothed. */
  readonly smoothed: Float64Array;
  /** The steps or epochs of its values. */
  readonly steps: Float64Array;
  readonly unit: "epoch" | "step";
}

/** The displayed part; null where an axis shows all there is. */
export interface ScheduleZoom {
  readonly x: Interval;
  readonly y: Interval | null;
  /** The axis of the scalar. */
  readonly right: Interval | null;
}
