/** Columns of values as SVG paths. */

import type { Box, Point } from "./box";
import { clip } from "./clip";
import { decimate } from "./decimation";
import type { Frame, Scale } from "./scales";

/** Keeps coordinates of diverged values within what renderers handle. */
const FARTHEST = 1e6;
/** How far lines go on beyond the plot, in pixels: their ends stay out of sight. */
const BEYOND = 20;

export interface Projection {
  /** The rows to draw. */
  readonly rows: readonly number[];
  readonly isDrawable: (row: number) => boolean;
  readonly left: (row: number) => number;
  readonly top: (row: number) => number;
  /** Where lines are drawn: the plot and a little more. */
  readonly reach: Box;
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
    reach: {
      left: frame.left - BEYOND,
      right: frame.right + BEYOND,
      top: frame.top - BEYOND,
      bottom: frame.bottom + BEYOND,
    },
  };
}

export function linePath({ rows, isDrawable, left, top, reach }: Projection): string {
  let path = "";
  let before: Point | null = null;
  /** Where the path is so far. */
  let pen = "";
  for (const row of rows) {
    const point: Point | null = isDrawable(row) ? [left(row), top(row)] : null;
    // A point after a gap is where the line begins again, and may be all there is of it.
    const [from, to] = (point && clip(before ?? point, point, reach)) ?? [null, null];
    if (from && to) {
      if (written(from) !== pen || !before) path += `M${written(from)}`;
      pen = written(to);
      path += `L${pen}`;
    }
    before = point;
  }
  return path;
}

function written([x, y]: Point): string {
  return `${Math.round(100 * x) / 100},${Math.round(100 * y) / 100}`;
}

/** Dots are empty strokes with round caps: one path, however many. */
export function dotsPath({ rows, isDrawable, left, top }: Projection): string {
  const dot = (row: number) => `M${left(row).toFixed(1)},${top(row).toFixed(1)}h0`;
  return rows.filter(isDrawable).map(dot).join("");
}

function clamp(value: number, lo: number, hi: number): number {
  return Math.min(Math.max(value, lo), hi);
}
