/** The frame around the plot, the scales inside it, and the extents of values. */

import { memoize } from "../base/memoize";

export type Interval = readonly [number, number];

/** The displayed part of the plane. */
export interface Domain {
  readonly x: Interval;
  readonly y: Interval;
}

/** A rectangle in pixels: the plot, a part of it, or the margins around it. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const SCALE_KINDS = ["log", "linear"] as const;
export type ScaleKind = (typeof SCALE_KINDS)[number];

/** A map from values to pixels, and back. */
export interface Scale {
  (value: number): number;
  readonly kind: ScaleKind;
  readonly domain: Interval;
  readonly range: Interval;
  readonly invert: (pixel: number) => number;
}

export interface Kinds {
  readonly x: ScaleKind;
  readonly y: ScaleKind;
}

export interface Scales {
  readonly x: Scale;
  readonly y: Scale;
  readonly kinds: Kinds;
  readonly frame: Frame;
}

/** The margin for axes with titles; wide labels make it wider (`useMargin`). */
export const MARGIN: Frame = { left: 72, right: 20, top: 14, bottom: 46 };
/** The margin with room for the ticks and the title of a second axis. */
export const MARGIN_OF_TWO: Frame = { ...MARGIN, right: 72 };
/** The margin for ticks alone. */
export const SLIM_MARGIN: Frame = { left: 44, right: 10, top: 8, bottom: 22 };

/** `header` is the height kept free above the plot, for labels. */
export function frameOf(width: number, height: number, header: number, margin = MARGIN): Frame {
  return {
    left: margin.left,
    right: Math.max(margin.left + 1, width - margin.right),
    top: margin.top + header,
    bottom: Math.max(margin.top + header + 1, height - margin.bottom),
  };
}

/** The position on an axis of this kind, in values or decades. Not finite where the axis has no place for the value. */
export function placeOf(value: number, kind: ScaleKind): number {
  return kind === "linear" ? value : Math.log10(value);
}

export function valueAtPlace(place: number, kind: ScaleKind): number {
  return kind === "linear" ? place : 10 ** place;
}

export function scaleOf(kind: ScaleKind, domain: Interval, range: Interval): Scale {
  const [lo, hi] = [placeOf(domain[0], kind), placeOf(domain[1], kind)];
  const slope = (range[1] - range[0]) / (hi - lo);
  const scale = (value: number) => range[0] + (placeOf(value, kind) - lo) * slope;
  const invert = (pixel: number) => valueAtPlace(lo + (pixel - range[0]) / slope, kind);
  return Object.assign(scale, { kind, domain, range, invert });
}

export function scalesOf({ x, y }: Domain, frame: Frame, kinds: Kinds): Scales {
  return {
    x: scaleOf(kinds.x, x, [frame.left, frame.right]),
    y: scaleOf(kinds.y, y, [frame.bottom, frame.top]),
    kinds,
    frame,
  };
}

export function isInside(frame: Frame, x: number, y: number): boolean {
  return x >= frame.left && x <= frame.right && y >= frame.top && y <= frame.bottom;
}

/** Logarithms of a column, taken once however often it is zoomed. */
const logs = memoize((values: Float64Array) => values.map(Math.log10));

export function placesOf(values: Float64Array, kind: ScaleKind): Float64Array {
  return kind === "linear" ? values : logs(values);
}

/** The scale applied to a column, many times faster than value by value. */
export function coordinates(values: Float64Array, { kind, domain, range }: Scale): Float64Array {
  const [lo, hi] = [placeOf(domain[0], kind), placeOf(domain[1], kind)];
  const slope = (range[1] - range[0]) / (hi - lo);
  return placesOf(values, kind).map((place) => range[0] + (place - lo) * slope);
}

const HEADROOM = 0.12;
const FOOTROOM = 0.06;

/** The least and the greatest finite value; null where there is none. */
export function extentOf(values: Float64Array): Interval | null {
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values.filter(Number.isFinite)) {
    lo = Math.min(lo, value);
    hi = Math.max(hi, value);
  }
  return lo <= hi ? [lo, hi] : null;
}

export function union(intervals: readonly (Interval | null)[]): Interval | null {
  const present = intervals.filter((interval) => interval !== null);
  if (present.length === 0) return null;
  return [Math.min(...present.map(([lo]) => lo)), Math.max(...present.map(([, hi]) => hi))];
}

export function padded([lo, hi]: Interval): Interval {
  const span = hi - lo || Math.abs(hi) * 0.2 || 1;
  return [lo - span * FOOTROOM, hi + span * HEADROOM];
}
