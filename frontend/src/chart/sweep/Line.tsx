import { useMemo } from "preact/hooks";
import { dotsPath, linePath, project } from "../path";
import { coordinates, type Scales } from "../scales";
import type { Series } from "./series";

interface LineProps {
  readonly series: Series;
  readonly scales: Scales;
  readonly testId: string;
}

/** The smoothed values of one run. */
export function Line({ series, scales, testId }: LineProps) {
  const { id, color, dash, learningRate, smoothed, isPinned } = series;
  const path = useMemo(() => {
    const { x, y, frame } = scales;
    return linePath(project(coordinates(learningRate, x), coordinates(smoothed, y), frame));
  }, [learningRate, smoothed, scales]);
  const style = { stroke: color, strokeDasharray: dash };
  return <path class={isPinned ? "pinned" : ""} data-testid={testId} data-id={id} d={path} style={style} />;
}

interface DotsProps extends LineProps {
  /** The width of a column in which at most four rows are drawn, in pixels. */
  readonly width: number;
}

/** The recorded values of one run as faint dots. */
export function Dots({ series: { id, color, learningRate, values }, scales, width, testId }: DotsProps) {
  const path = useMemo(() => {
    const { x, y, frame } = scales;
    return dotsPath(project(coordinates(learningRate, x), coordinates(values, y), frame, width));
  }, [learningRate, values, scales, width]);
  return <path data-testid={testId} data-id={id} d={path} style={{ stroke: color }} />;
}
