/** Columns of values as SVG paths. */

import { line } from "d3-shape";
import { decimate } from "./decimation";
import type { Frame, Scale } from "./scales";

/** Keeps coordinates of diverged values within what renderers handle. */
const FARTHEST = 1e6;

export interface Projection {
  /** The rows to draw. */
  readonly rows: readonly number[];
  readonly isDrawable: (row: number) => boolean;
  readonly left: (row: number) => number;
  readonly top: (row: number) => number;
}

/** `xs` are coordinates already, `values` go through the scale. */
export function project(xs: Float64Array, values: Float64Array, y: Scale, frame: Frame): Projection {
  /** All rows beyond an edge of the plot share one column. */
  const column = (row: number) => clamp(xs[row]!, frame.left - 1, frame.right + 1);
  return {
    rows: decimate(values, column),
    isDrawable: (row) => Number.isFinite(xs[row]) && Number.isFinite(values[row]),
    left: (row) => xs[row]!,
    top: (row) => {
      const top = y(values[row]!);
      // A log scale has no place for zero: it lies below everything.
      return Number.isNaN(top) ? FARTHEST : clamp(top, -FARTHEST, FARTHEST);
    },
  };
}

export function linePath({ rows, isDrawable, left, top }: Projection): string {
  return line<number>(left, top).defined(isDrawable).digits(2)(rows) ?? "";
}

/** Dots are empty strokes with round caps: one path, however many. */
export function dotsPath({ rows, isDrawable, left, top }: Projection): string {
  const dot = (row: number) => `M${left(row).toFixed(1)},${top(row).toFixed(1)}h0`;
  return rows.filter(isDrawable).map(dot).join("");
}

function clamp(value: number, lo: number, hi: number): number {
  return Math.min(Math.max(value, lo), hi);
}
