import { useMemo } from "preact/hooks";
import { dotsPath, linePath, project } from "./path";
import type { Scales } from "./scales";
import { classOf, type Series } from "./series";

interface LineProps {
  readonly series: Series;
  readonly scales: Scales;
  readonly front: string | null;
}

/** One run: its raw values as faint dots, the smoothed ones as a line. */
export function Line({ series, scales, front }: LineProps) {
  const { id, color, dash, learningRate, values, smoothed } = series;
  const { x, y, frame } = scales;
  const xs = useMemo(() => learningRate.map((rate) => (rate > 0 ? x(rate) : Number.NaN)), [learningRate, x]);
  const dots = useMemo(() => dotsPath(project(xs, values, y, frame)), [xs, values, y, frame]);
  const curve = useMemo(() => linePath(project(xs, smoothed, y, frame)), [xs, smoothed, y, frame]);
  return (
    <g class={classOf("run", id, front)} style={{ stroke: color }}>
      <path data-testid="raw" data-id={id} class="raw" d={dots} />
      <path data-testid="curve" data-id={id} class="curve" stroke-dasharray={dash} d={curve} />
    </g>
  );
}
