import type { ComponentChildren } from "preact";
import type { Drawing } from "./drawings";

const [WIDTH, HEIGHT, MARGIN, STEP] = [120, 70, 4, 4] as const;
const BOTTOM = HEIGHT - MARGIN;

/** A curve in a few strokes; `children` lie behind it. */
export function Sketch({ drawing, children }: { drawing: Drawing; children?: ComponentChildren }) {
  const { curve, scatter, missing, mark } = drawing;
  // As good as random, and the same every time.
  const losses = curve.map((top, row) => top + scatter * Math.sin(row * row));
  const [left, top] = mark === null ? [0, 0] : [leftOf(mark), curve[mark]!];
  return (
    <svg class="sketch" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {children}
      <path class="axis" d={`M${MARGIN},${MARGIN}V${BOTTOM}H${WIDTH - MARGIN}`} />
      <path class="raw" d={dotsOf(losses)} />
      <path class="curve" d={pathOf(curve)} />
      <path class="missing" d={pathOf(missing, curve.length - 1)} />
      {mark !== null && (
        <>
          <path class="stem" d={`M${left},${MARGIN}V${top}`} />
          <circle class="mark" cx={left} cy={top} r="3.5" />
        </>
      )}
    </svg>
  );
}

/** The horizontal position of a row, in the units of the sketch. */
export function leftOf(row: number): number {
  return MARGIN + STEP * (row + 0.5);
}

function pathOf(tops: readonly number[], start = 0): string {
  return tops.map((top, row) => `${row === 0 ? "M" : "L"}${leftOf(row + start)},${top}`).join("");
}

function dotsOf(tops: readonly number[]): string {
  return tops.map((top, row) => `M${leftOf(row)},${top.toFixed(1)}h0`).join("");
}
