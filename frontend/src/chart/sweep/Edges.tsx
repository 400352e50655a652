import { formatNumber, formatRate } from "../../base/numbers";
import type { Scales } from "../scales";
import { TICK_FONT, textWidth } from "../textWidth";
import { type Edge, type Series, shaded } from "./series";

/** The distance of a name from its line. */
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
export function Edges({ series, scales, front, isNamed }: EdgesProps) {
  const { x, frame } = scales;
  const drawn = shaded(
    series.filter(({ edge }) => edge && x(edge.rate) >= frame.left && x(edge.rate) <= frame.right),
    front,
  );
  return drawn.map((entry) => {
    const { id, label, color, edge } = entry;
    const left = x(edge!.rate);
    return (
      <g key={id} class="edge" data-testid="edge" data-id={id} data-value={String(edge!.rate)}>
        <title>{`${label}: ${describeEdge(edge!)}`}</title>
        <path d={`M${left},${frame.top}V${frame.bottom}`} style={{ stroke: color }} />
        {isNamed && (id === front || series.length === 1) && <Name series={entry} scales={scales} left={left} />}
      </g>
    );
  });
}

/** The name at the end of the line that the curve is far from, left of it where the suggested rate leaves room. */
function Name({ series, scales, left }: { series: Series; scales: Scales; left: number }) {
  const { edge, suggested, mode } = series;
  const { top, bottom, left: start } = scales.frame;
  const text = edgeText(edge!);
  const guide = suggested ? scales.x(suggested.rate) : start;
  const taken = guide > left ? start : Math.max(start, guide);
  const isLeft = left - GAP - textWidth(text, TICK_FONT) > taken;
  return (
    <text
      x={left + (isLeft ? -GAP : GAP)}
      y={mode === "min" ? top + 14 : bottom - 7}
      text-anchor={isLeft ? "end" : "start"}
    >
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
