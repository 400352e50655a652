/** What an axis says: its title, where its ticks stand and how values on it read. */

import { ticks as evenTicks } from "d3-array";
import { formatCount, formatNumber, formatRate, formatTicks, formatValue } from "../base/numbers";
import { formatClock, formatDate, formatDuration } from "../base/time";
import type { Interval, ScaleKind } from "./scales";
import { fewTicks, logTicks, minorTicks, timeTicks } from "./ticks";

export interface Axis {
  readonly kind: ScaleKind;
  readonly title: (domain: Interval) => string;
  /** What a value on this axis is called in the readout. */
  readonly name: string;
  /** The width that a tick's label needs, in pixels. */
  readonly room: number;
  readonly ticks: (domain: Interval, wanted: number) => number[];
  readonly labels: (ticks: readonly number[]) => string[];
  readonly minor: (domain: Interval, wanted: number) => number[];
  /** One value, exact enough for the readout. */
  readonly read: (value: number) => string;
}

const TICK_DIGITS = 6;

export function rateAxis(kind: ScaleKind): Axis {
  const axis = { ...axisOf(kind, "learning rate"), name: "Learning rate", room: 60, read: formatRate };
  return kind === "linear" ? { ...axis, ticks: fewTicks } : axis;
}

const EVEN = {
  kind: "linear",
  ticks: ([lo, hi]: Interval, wanted: number) => evenTicks(lo, hi, Math.max(2, wanted)),
  labels: formatTicks,
  minor: () => [],
} as const;

const LOG = {
  kind: "log",
  ticks: logTicks,
  labels: (ticks: readonly number[]) => ticks.map((tick) => formatNumber(tick, TICK_DIGITS)),
  minor: minorTicks,
} as const;

export function valueAxis(title: string, kind: ScaleKind = "linear"): Axis {
  return { ...axisOf(kind, title), name: title, room: 60, read: formatValue };
}

function axisOf(kind: ScaleKind, title: string) {
  return kind === "linear" ? { ...EVEN, title: () => title } : { ...LOG, title: () => `${title} (log)` };
}

/** The same axis where there is no room for its title. */
export function untitled(axis: Axis): Axis {
  return { ...axis, title: () => "" };
}

export const STEP_AXIS: Axis = {
  ...EVEN,
  title: () => "step",
  name: "Step",
  room: 70,
  ticks: fewTicks,
  labels: (ticks) => (ticks.every(Number.isInteger) ? ticks.map(formatCount) : formatTicks(ticks)),
  read: (value) => formatCount(Math.round(value)),
};

export const EPOCH_AXIS: Axis = {
  ...EVEN,
  title: () => "epoch",
  name: "Epoch",
  room: 60,
  read: (value) => value.toFixed(2),
};

export const RELATIVE_AXIS: Axis = {
  ...EVEN,
  title: () => "time since the first step",
  name: "After",
  room: 80,
  ticks: timeTicks,
  labels: (ticks) => ticks.map(formatDuration),
  read: (value) => formatDuration(Math.round(value)),
};

export const WALL_AXIS: Axis = {
  ...EVEN,
  title: ([lo, hi]) => (formatDate(lo) === formatDate(hi) ? `wall time, ${formatDate(lo)}` : "wall time"),
  name: "Time",
  room: 90,
  ticks: (domain, wanted) => timeTicks(domain, wanted, -60 * new Date(domain[0] * 1000).getTimezoneOffset()),
  labels: formatClock,
  read: (value) => `${formatDate(value)}, ${formatClock([value, value + 1])[0]}`,
};
