import { useMemo } from "preact/hooks";
import { areaPath, fallen, linePath, project } from "../path";
import { coordinates, type Scales } from "../scales";
import { type Series, shaded } from "./series";

interface SpreadsProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  /** The run that is put forward. */
  readonly front: string | null;
}

/** The spread of the repeats of each test, where there are many tests only that of the one put forward; the range of groups. */
export function Spreads({ series, scales, front }: SpreadsProps) {
  const spread = series.filter((entry) => entry.spread);
  return [...series.filter(({ group }) => group), ...shaded(spread, front)].map((entry) => (
    <Spread key={entry.id} series={entry} scales={scales} />
  ));
}

function Spread({ series, scales }: { series: Series; scales: Scales }) {
  const { id, color, learningRate, smoothed, spread, group } = series;
  const [area, outline] = useMemo(() => {
    const { x, y, kinds, frame } = scales;
    const lower = group?.lower ?? smoothed.map((mean, row) => mean - spread![row]!);
    const upper = group?.upper ?? smoothed.map((mean, row) => mean + spread![row]!);
    // An area that reaches below zero reaches down without end on a log axis.
    const floor = kinds.y === "log" ? lower.map((value) => Math.max(value, 0)) : lower;
    const xs = coordinates(learningRate, x);
    const [top, bottom] = [coordinates(upper, y), fallen(coordinates(floor, y))];
    const projection = project(xs, top, frame);
    // The dots of the outline end with the plot: those of an area that leaves it cost seconds.
    return [areaPath(projection, bottom), linePath(projection) + linePath(project(xs, bottom, frame))];
  }, [learningRate, smoothed, spread, group, scales]);
  return (
    <g class="spread">
      <path data-testid="spread" data-id={id} d={area} style={{ fill: color }} />
      <path d={outline} style={{ stroke: color }} />
    </g>
  );
}
