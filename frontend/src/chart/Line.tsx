import { line } from "d3-shape";
import { useMemo } from "preact/hooks";
import { decimate } from "./decimation";
import type { Scales } from "./scales";
import { classOf, type Series } from "./series";

/** Keeps coordinates of diverged values within what renderers handle. */
const FARTHEST = 1e6;

interface LineProps {
  readonly series: Series;
  readonly scales: Scales;
  readonly front: string | null;
}

/** One run: its raw values as faint dots, the smoothed ones as a line. */
export function Line({ series, scales, front }: LineProps) {
  const { id, color, learningRate, values, smoothed } = series;
  const xs = useMemo(
    () => learningRate.map((rate) => (rate > 0 ? scales.x(rate) : Number.NaN)),
    [learningRate, scales],
  );
  const dots = useMemo(() => dotsPath(project(xs, values, scales)), [xs, values, scales]);
  const curve = useMemo(() => linePath(project(xs, smoothed, scales)), [xs, smoothed, scales]);
  return (
    <g class={classOf("run", id, front)} style={{ stroke: color }}>
      <path data-testid="raw" data-id={id} class="raw" d={dots} />
      <path data-testid="curve" data-id={id} class="curve" d={curve} />
    </g>
  );
}

interface Projection {
  /** The rows to draw. */
  readonly rows: readonly number[];
  readonly isDrawable: (row: number) => boolean;
  readonly left: (row: number) => number;
  readonly top: (row: number) => number;
}

function project(xs: Float64Array, values: Float64Array, { y, frame }: Scales): Projection {
  /** All rows beyond an edge of the plot share one column. */
  const column = (row: number) => clamp(xs[row]!, frame.left - 1, frame.right + 1);
  return {
    rows: decimate(values, column),
    isDrawable: (row) => Number.isFinite(xs[row]) && Number.isFinite(values[row]),
    left: (row) => xs[row]!,
    top: (row) => clamp(y(values[row]!), -FARTHEST, FARTHEST),
  };
}

function linePath({ rows, isDrawable, left, top }: Projection): string {
  return line<number>(left, top).defined(isDrawable).digits(2)(rows) ?? "";
}

/** Dots are empty strokes with round caps: one path, however many. */
function dotsPath({ rows, isDrawable, left, top }: Projection): string {
  const dot = (row: number) => `M${left(row).toFixed(1)},${top(row).toFixed(1)}h0`;
  return rows.filter(isDrawable).map(dot).join("");
}

function clamp(value: number, lo: number, hi: number): number {
  return Math.min(Math.max(value, lo), hi);
}
