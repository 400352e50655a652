/** Axes: their titles, their ticks, and their values as text. */

import { formatCount, formatNumber, formatRate, formatTicks, formatValue } from "../base/numbers";
import { formatClock, formatDate, formatDuration } from "../base/time";
import type { Interval, Scale, ScaleKind } from "./scales";
import { TICK_FONT, textWidth } from "./textWidth";
import { evenTicks, fewTicks, logTicks, minorTicks, thinned, timeTicks } from "./ticks";

export interface Axis {
  readonly kind: ScaleKind;
  readonly title: (domain: Interval) => string;
  /** The name of its values in the readout. */
  readonly name: string;
  readonly ticks: (domain: Interval, count: number) => number[];
  readonly labels: (ticks: readonly number[]) => string[];
  readonly minor: (domain: Interval, count: number) => number[];
  /** One value, exact enough for the readout. */
  readonly read: (value: number) => string;
}

const TICK_DIGITS = 6;
/** The least distances between ticks, whatever their labels say, in pixels. */
const X_TICK_SPACING = 60;
const Y_TICK_SPACING = 52;
/** The least gap between two labels beside each other, in pixels. */
const LABEL_GAP = 14;
const FEWEST_TICKS = 2;

export function rateAxis(kind: ScaleKind): Axis {
  const axis = { ...axisOf(kind, "learning rate"), name: "Learning rate", read: formatRate };
  return kind === "linear" ? { ...axis, ticks: fewTicks } : axis;
}

const EVEN = {
  kind: "linear",
  ticks: evenTicks,
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
  return { ...axisOf(kind, title), name: title, read: formatValue };
}

function axisOf(kind: ScaleKind, title: string) {
  return kind === "linear" ? { ...EVEN, title: () => title } : { ...LOG, title: () => `${title} (log)` };
}

/** An axis of a setting, with ticks at these places alone, as many as have room. */
export function markedAxis(title: string, kind: ScaleKind, marks: ReadonlyMap<number, string>): Axis {
  return {
    ...valueAxis(title, kind),
    ticks: ([lo, hi], most) =>
      thinned(
        [...marks.keys()].filter((place) => place >= lo && place <= hi),
        most,
      ),
    labels: (ticks) => ticks.map((tick) => marks.get(tick)!),
    minor: () => [],
  };
}

/** The same axis where there is no room for its title. */
export function untitled(axis: Axis): Axis {
  return { ...axis, title: () => "" };
}

export const STEP_AXIS: Axis = {
  ...EVEN,
  title: () => "step",
  name: "Step",
  ticks: fewTicks,
  labels: (ticks) => (ticks.every(Number.isInteger) ? ticks.map(formatCount) : formatTicks(ticks)),
  read: (value) => formatCount(Math.round(value)),
};

export const EPOCH_AXIS: Axis = {
  ...EVEN,
  title: () => "epoch",
  name: "Epoch",
  read: (value) => value.toFixed(2),
};

export const RELATIVE_AXIS: Axis = {
  ...EVEN,
  title: () => "time since the first step",
  name: "After",
  ticks: timeTicks,
  labels: (ticks) => ticks.map(formatDuration),
  read: (value) => formatDuration(Math.round(value)),
};

export const WALL_AXIS: Axis = {
  ...EVEN,
  title: ([lo, hi]) => (formatDate(lo) === formatDate(hi) ? `wall time, ${formatDate(lo)}` : "wall time"),
  name: "Time",
  ticks: (domain, count) => timeTicks(domain, count, -60 * new Date(domain[0] * 1000).getTimezoneOffset()),
  labels: formatClock,
  read: (value) => `${formatDate(value)}, ${formatClock([value, value + 1])[0]}`,
};

export interface Ticks {
  readonly ticks: readonly number[];
  readonly labels: readonly string[];
}

/** The ticks of a vertical axis of this length, in pixels. */
export function verticalTicks(axis: Axis, domain: Interval, length: number): Ticks {
  return ticksOf(axis, domain, length / Y_TICK_SPACING);
}

/** The ticks of a horizontal axis: as many as have room for their labels beside each other. */
export function horizontalTicks(axis: Axis, scale: Scale): Ticks & { readonly minor: readonly number[] } {
  const { domain, range } = scale;
  const most = Math.floor((range[1] - range[0]) / X_TICK_SPACING);
  let ticks = ticksOf(axis, domain, most);
  for (let count = most - 1; count >= FEWEST_TICKS && !areApart(ticks, scale); count--) {
    ticks = ticksOf(axis, domain, count);
  }
  return { ...ticks, minor: axis.minor(domain, most) };
}

/** About `count` ticks. */
function ticksOf(axis: Axis, domain: Interval, count: number): Ticks {
  const ticks = axis.ticks(domain, Math.floor(count));
  return { ticks, labels: axis.labels(ticks) };
}

function areApart({ ticks, labels }: Ticks, scale: Scale): boolean {
  const widths = labels.map((label) => textWidth(label, TICK_FONT));
  return ticks.slice(1).every((tick, index) => {
    const distance = scale(tick) - scale(ticks[index]!);
    return distance >= (widths[index]! + widths[index + 1]!) / 2 + LABEL_GAP;
  });
}
