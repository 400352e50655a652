/** Columns of values as SVG paths, with only the rows that shape the picture and only the lines inside the plot. */

import { clamp } from "../base/numbers";
import { type Frame, isInside } from "./scales";
import type { Point } from "./zoom";

/** The largest coordinate that renderers handle; diverged values lie farther out. */
const FARTHEST = 1e6;
/** The distance that lines go on beyond the plot, in pixels: their ends stay out of sight. */
const BEYOND = 20;

/** Coordinates in pixels; values that are not finite are gaps. */
export interface Projection {
  /** The rows to draw. */
  readonly rows: readonly number[];
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** The area in which lines are drawn: the plot and a little more. */
  readonly reach: Frame;
}

/** Coordinates, with only the rows that shape the picture among those in the same `width` pixels. */
export function project(xs: Float64Array, ys: Float64Array, frame: Frame, width = 1): Projection {
  /** The column of a row; all rows beyond an edge of the plot share one. */
  const columnOf = (row: number) =>
    Number.isFinite(xs[row]) ? clamp(xs[row]!, frame.left - width, frame.right + width) / width : Number.NaN;
  return { rows: decimate(ys, columnOf), xs, ys, reach: around(frame) };
}

/** Coordinates in which points infinitely far below, as zero is on a log axis, lie just far below the plot. */
export function fallen(ys: Float64Array): Float64Array {
  return ys.map((y) => (y === Number.POSITIVE_INFINITY ? FARTHEST : y));
}

export function linePath({ rows, xs, ys, reach }: Projection): string {
  let path = "";
  for (const piece of piecesOf(rows, xs, ys)) {
    /** Whether the path ends at the row before. */
    let isOpen = false;
    // A point alone is a line to itself: round caps make it a dot.
    for (let index = Math.min(1, piece.length - 1); index < piece.length; index++) {
      const [from, to] = [piece[Math.max(0, index - 1)]!, piece[index]!];
      const isWithin = isInside(reach, xs[to]!, ys[to]!);
      if (isOpen && isWithin) {
        path += `L${point(xs[to]!, ys[to]!)}`;
        continue;
      }
      const part = clip([xs[from]!, ys[from]!], [xs[to]!, ys[to]!], reach);
      if (part) path += `${isOpen ? "" : `M${point(...part[0])}`}L${point(...part[1])}`;
      isOpen = isWithin;
    }
  }
  return path;
}

/** Dots are empty strokes with round caps: one path, however many. */
export function dotsPath({ rows, xs, ys, reach }: Projection): string {
  return rows
    .filter((row) => isInside(reach, xs[row]!, ys[row]!))
    .map((row) => `M${point(xs[row]!, ys[row]!)}h0`)
    .join("");
}

/** The area between the line and another one over the same rows. */
export function areaPath({ rows, xs, ys }: Projection, others: Float64Array): string {
  return piecesOf(rows, xs, ys)
    .map((piece) => {
      const along = piece.map((row) => point(xs[row]!, ys[row]!));
      const back = piece.toReversed().map((row) => point(xs[row]!, others[row]!));
      return `M${[...along, ...back].join("L")}Z`;
    })
    .join("");
}

/** The rows, cut at the gaps. */
function piecesOf(rows: readonly number[], xs: Float64Array, ys: Float64Array): number[][] {
  const pieces: number[][] = [[]];
  for (const row of rows) {
    // A sum is finite where both are.
    if (Number.isFinite(xs[row]! + ys[row]!)) pieces.at(-1)!.push(row);
    else if (pieces.at(-1)!.length > 0) pieces.push([]);
  }
  return pieces.filter(({ length }) => length > 0);
}

function point(x: number, y: number): string {
  return `${clamp(x, -FARTHEST, FARTHEST).toFixed(1)},${clamp(y, -FARTHEST, FARTHEST).toFixed(1)}`;
}

function around({ left, right, top, bottom }: Frame): Frame {
  return { left: left - BEYOND, right: right + BEYOND, top: top - BEYOND, bottom: bottom + BEYOND };
}

/**
 * The part of the way between two points that lies in the box (Liang and Barsky 1984); null where none does. Lines are cut
 * because every dash of them is painted, far outside of the plot too.
 */
export function clip(from: Point, to: Point, box: Frame): readonly [Point, Point] | null {
  if (isInside(box, ...from) && isInside(box, ...to)) return [from, to];
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  let [start, end] = [0, 1];
  for (const [outward, room] of [
    [-dx, from[0] - box.left],
    [dx, box.right - from[0]],
    [-dy, from[1] - box.top],
    [dy, box.bottom - from[1]],
  ] as const) {
    if (outward < 0) start = Math.max(start, room / outward);
    else if (outward > 0) end = Math.min(end, room / outward);
    else if (room < 0) return null;
  }
  const at = (share: number): Point => [from[0] + share * dx, from[1] + share * dy];
  return start > end ? null : [at(start), at(end)];
}

/**
 * Fewer points for the same picture: the first, the lowest, the highest and the last of the consecutive points in each
 * pixel column (M4, Jugel et al. 2014). A point that cannot be drawn ends its column and is kept once, so that the line
 * breaks there.
 *
 * @returns indices into the series, ascending, never more than it has points.
 */
export function decimate(ys: Float64Array, columnOf: (index: number) => number): number[] {
  const columnAt = (index: number) => (Number.isFinite(ys[index]) ? Math.floor(columnOf(index)) : Number.NaN);
  const rows: number[] = [];
  for (let start = 0, end: number; start < ys.length; start = end) {
    const column = columnAt(start);
    end = start + 1;
    while (end < ys.length && Object.is(columnAt(end), column)) end += 1;
    if (Number.isNaN(column)) rows.push(start);
    else keepExtremes(ys, start, end, rows);
  }
  return rows;
}

function keepExtremes(ys: Float64Array, start: number, end: number, rows: number[]): void {
  let low = start;
  let high = start;
  for (let i = start + 1; i < end; i++) {
    if (ys[i]! < ys[low]!) low = i;
    if (ys[i]! > ys[high]!) high = i;
  }
  for (const index of [start, Math.min(low, high), Math.max(low, high), end - 1]) {
    if (index !== rows.at(-1)) rows.push(index);
  }
}
