import { useMemo } from "preact/hooks";
import { Layered } from "../Layered";
import { areaPath, linePath, project } from "../path";
import { coordinates, isInside, type Scales } from "../scales";
import { banded, EDGE_DASH, isDoubtful, type ProbeLine } from "./probeLines";

const RADIUS = { full: 3.5, faint: 2 };

interface ProbesProps {
  readonly probes: readonly ProbeLine[];
  readonly scales: Scales;
  /** The run that is put forward. */
  readonly front: string | null;
  /** The run whose band is drawn where there are too many for all, unless another one is put forward. */
  readonly preferred: string | null;
}

/** The bands and edges that the probes found, and the lines through their suggestions; all but the latter of a few alone. */
export function ProbeLines({ probes, scales, front, preferred }: ProbesProps) {
  const bands = banded(probes, front ?? preferred);
  const shared = { runOf: ({ id }: ProbeLine) => id, front };
  return (
    <>
      <Layered {...shared} items={bands} draw={(line) => <Band key={line.id} line={line} scales={scales} />} />
      <Layered
        {...shared}
        items={probes}
        draw={(line) => <SuggestedLine key={line.id} line={line} scales={scales} isFaint={!bands.includes(line)} />}
      />
    </>
  );
}

/** The probes as points. Those of runs with a band are drawn over the others. */
export function ProbePoints({ probes, scales, front, preferred }: ProbesProps) {
  const bands = banded(probes, front ?? preferred);
  const others = probes.filter((line) => !bands.includes(line));
  const draw = (line: ProbeLine) => (
    <Points key={line.id} line={line} scales={scales} isFaint={others.includes(line)} />
  );
  return <Layered items={[...others, ...bands]} runOf={({ id }) => id} front={front} draw={draw} />;
}

interface LineProps {
  readonly line: ProbeLine;
  readonly scales: Scales;
}

/** The rates that would work at each probe, as a ribbon between the probes, and the rates from which training breaks. */
function Band({ line: { id, color, xs, lower, upper, edges }, scales }: LineProps) {
  const [area, edge] = useMemo(() => {
    const { x, y, frame } = scales;
    const places = coordinates(xs, x);
    const projected = (rates: Float64Array) => project(places, coordinates(rates, y), frame);
    return [areaPath(projected(upper), coordinates(lower, y)), linePath(projected(edges))];
  }, [xs, lower, upper, edges, scales]);
  return (
    <g class="run probed" style={{ stroke: color }}>
      <path data-testid="probe-band" data-id={id} class="ribbon" d={area} style={{ fill: color }} />
      <path data-testid="probe-edge" data-id={id} d={edge} style={{ strokeDasharray: EDGE_DASH }} />
    </g>
  );
}

interface PartProps extends LineProps {
  /** Whether it is drawn without its band. */
  readonly isFaint: boolean;
}

function SuggestedLine({ line: { id, color, xs, suggestions }, scales, isFaint }: PartProps) {
  const path = useMemo(() => {
    const { x, y, frame } = scales;
    return linePath(project(coordinates(xs, x), coordinates(suggestions, y), frame));
  }, [xs, suggestions, scales]);
  return (
    <g class={isFaint ? "run probed faint" : "run probed"} style={{ stroke: color }}>
      <path data-testid="probe-line" data-id={id} d={path} />
    </g>
  );
}

/** A point at each suggestion, hollow where that is doubtful; without one, at the rate of the training. */
function Points({ line: { id, color, xs, places, points }, scales: { x, y, frame }, isFaint }: PartProps) {
  return (
    <g class={isFaint ? "probe-points faint" : "probe-points"} style={{ stroke: color, fill: color }}>
      {points.map((point, row) => {
        const [left, top] = [x(xs[row]!), y(places[row]!)];
        if (!isInside(frame, left, top)) return null;
        return (
          <circle
            key={point.id}
            data-testid="probe"
            data-id={id}
            data-probe={point.id}
            class={isDoubtful(point) ? "hollow" : ""}
            cx={left}
            cy={top}
            r={isFaint ? RADIUS.faint : RADIUS.full}
          />
        );
      })}
    </g>
  );
}
