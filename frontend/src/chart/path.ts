/** Columns of values as SVG paths. */

import type { Box, Point } from "./box";
import { clip } from "./clip";
import { decimate } from "./decimation";
import type { Frame } from "./scales";

/** Keeps coordinates of diverged values within what renderers handle. */
const FARTHEST = 1e6;
/** How far lines go on beyond the plot, in pixels: their ends stay out of sight. */
const BEYOND = 20;

/** Coordinates in pixels; what is not finite has no place. */
export interface Projection {
  /** The rows to draw. */
  readonly rows: readonly number[];
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** Where lines are drawn: the plot and a little more. */
  readonly reach: Box;
}

/** Of the rows in the same `width` pixels only those that shape the picture. */
export function project(xs: Float64Array, ys: Float64Array, frame: Frame, width = 1): Projection {
  /** All rows beyond an edge of the plot share one column. */
  const columnOf = (row: number) =>
    Number.isFinite(xs[row]) ? clamp(xs[row]!, frame.left - width, frame.right + width) / width : Number.NaN;
  return { rows: decimate(ys, columnOf), xs, ys, reach: around(frame) };
}

/** What lies infinitely far below, as zero on a log axis, as a line that leaves the plot downwards. */
export function fallen(ys: Float64Array): Float64Array {
  return ys.map((y) => (y === Number.POSITIVE_INFINITY ? FARTHEST : y));
}

export function linePath({ rows, xs, ys, reach }: Projection): string {
  return pieces(rows, xs, ys)
    .map((piece) => {
      const points = piece.map((row): Point => [xs[row]!, clamp(ys[row]!, -FARTHEST, FARTHEST)]);
      // A point alone is a line to itself: round caps make it a dot.
      return strokes(points.length > 1 ? points : [...points, ...points], reach);
    })
    .join("");
}

/** The way through the points, as far as it lies within reach. */
function strokes(points: readonly Point[], reach: Box): string {
  let path = "";
  let pen = "";
  for (let i = 1; i < points.length; i++) {
    const part = clip(points[i - 1]!, points[i]!, reach);
    if (!part) continue;
    const [from, to] = part.map(written) as [string, string];
    path += from === pen ? `L${to}` : `M${from}L${to}`;
    pen = to;
  }
  return path;
}

function around({ left, right, top, bottom }: Frame): Box {
  return { left: left - BEYOND, right: right + BEYOND, top: top - BEYOND, bottom: bottom + BEYOND };
}

/** Dots are empty strokes with round caps: one path, however many. */
export function dotsPath({ rows, xs, ys }: Projection): string {
  return rows
    .filter((row) => hasPlace(xs, ys, row))
    .map((row) => `M${point(xs, ys, row)}h0`)
    .join("");
}

/** The area between the line and another one over the same rows. */
export function areaPath({ rows, xs, ys }: Projection, others: Float64Array): string {
  return pieces(rows, xs, ys)
    .map((piece) => {
      const back = piece.toReversed().map((row) => point(xs, others, row));
      return `M${[...piece.map((row) => point(xs, ys, row)), ...back].join("L")}Z`;
    })
    .join("");
}

/** The rows between the gaps. */
function pieces(rows: readonly number[], xs: Float64Array, ys: Float64Array): number[][] {
  const found: number[][] = [[]];
  for (const row of rows) {
    if (hasPlace(xs, ys, row)) found.at(-1)!.push(row);
    else if (found.at(-1)!.length > 0) found.push([]);
  }
  return found.filter(({ length }) => length > 0);
}

function hasPlace(xs: Float64Array, ys: Float64Array, row: number): boolean {
  return Number.isFinite(xs[row]! + ys[row]!);
}

function point(xs: Float64Array, ys: Float64Array, row: number): string {
  return written([xs[row]!, clamp(ys[row]!, -FARTHEST, FARTHEST)]);
}

function written([x, y]: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

function clamp(value: number, lo: number, hi: number): number {
  return Math.min(Math.max(value, lo), hi);
}
