import { formatNumber, formatRate } from "../../base/numbers";
import type { Scales } from "../scales";
import { TICK_FONT, textWidth } from "../textWidth";
import { type Edge, type Series, shaded } from "./series";

/** The distance of a name from its line and from the axis. */
const GAP = 5;

interface EdgesProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  /** The run that is put forward. */
  readonly front: string | null;
  /** Whether there is room for a name. */
  readonly isNamed: boolean;
}

/** A thin line at the blow-up edge of each run, named at the one put forward; of many runs, only that one's. */
export function Edges({ series, scales: { x, frame }, front, isNamed }: EdgesProps) {
  const drawn = shaded(
    series.filter(({ edge }) => edge && x(edge.rate) >= frame.left && x(edge.rate) <= frame.right),
    front,
  );
  return drawn.map(({ id, label, color, edge }) => {
    const left = x(edge!.rate);
    return (
      <g key={id} class="edge" data-testid="edge" data-id={id} data-value={String(edge!.rate)}>
        <title>{`${label}: ${describeEdge(edge!)}`}</title>
        <path d={`M${left},${frame.top}V${frame.bottom}`} style={{ stroke: color }} />
        {isNamed && (id === front || series.length === 1) && <Name text={edgeText(edge!)} left={left} frame={frame} />}
      </g>
    );
  });
}

/** The name at the foot of the line, where a curve that has blown up does not come. */
function Name({ text, left, frame }: { text: string; left: number; frame: Scales["frame"] }) {
  const isRight = left + GAP + textWidth(text, TICK_FONT) < frame.right;
  return (
    <text x={left + (isRight ? GAP : -GAP)} y={frame.bottom - GAP - 2} text-anchor={isRight ? "start" : "end"}>
      {text}
    </text>
  );
}

/** The edge in short: edge 0.032. */
export function edgeText({ rate }: Edge): string {
  return `edge ${formatRate(rate)}`;
}

/** The edge in words. */
function describeEdge({ rate, ratio }: Edge): string {
  const times = ratio === null ? "" : `, ${formatNumber(ratio, 2)} times the suggested rate`;
  return `training would be expected to break at ${formatRate(rate)}${times}`;
}
