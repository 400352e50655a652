import { useMemo } from "preact/hooks";
import { areaPath, linePath, project } from "../path";
import { coordinates, isInside, type Scales } from "../scales";
import { EDGE_DASH, isDoubtful, type ProbeLine } from "./probeLines";

interface ProbesProps {
  readonly probes: ProbeLine;
  readonly scales: Scales;
}

/** The rates that would work at each probe, as a ribbon between the probes, and the rates from which training breaks. */
export function Band({ probes: { id, color, xs, lower, upper, edges }, scales }: ProbesProps) {
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

interface PartProps extends ProbesProps {
  /** Whether it is drawn with its band. */
  readonly isFull: boolean;
}

/** The line through the suggestions of the probes. */
export function SuggestedLine({ probes: { id, color, xs, suggestions }, scales, isFull }: PartProps) {
  const path = useMemo(() => {
    const { x, y, frame } = scales;
    return linePath(project(coordinates(xs, x), coordinates(suggestions, y), frame));
  }, [xs, suggestions, scales]);
  return (
    <g class={isFull ? "run probed" : "run probed faint"} style={{ stroke: color }}>
      <path data-testid="probe-line" data-id={id} d={path} />
    </g>
  );
}

/** A point for each probe: at its suggestion, and hollow where that is doubtful; without one, at the rate of the training. */
export function ProbePoints({ probes, scales: { x, y, frame }, isFull }: PartProps) {
  const { id, color, xs, places, points } = probes;
  return (
    <g class={isFull ? "probe-points" : "probe-points faint"} style={{ stroke: color, fill: color }}>
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
            r={3.5}
          />
        );
      })}
    </g>
  );
}
