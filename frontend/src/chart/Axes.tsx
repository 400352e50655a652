import { type Axis, horizontalTicks, verticalTicks } from "./axis";
import { TICK_GAP, TITLE_GAP, widest } from "./margin";
import type { Frame, Scale, Scales } from "./scales";

/** The least distance between an axis and the title of the axis at the right, in pixels. */
const RIGHT_TITLE = 64;

export interface AxesOf {
  readonly x: Axis;
  readonly y: Axis;
  /** A second axis of values, at the right. */
  readonly right: { readonly scale: Scale; readonly axis: Axis } | null;
}

interface AxesProps {
  readonly scales: Scales;
  readonly axes: AxesOf;
}

/** Grid, ticks and titles of the axes. */
export function Axes({ scales, axes }: AxesProps) {
  const { frame } = scales;
  const { left, right, top, bottom } = frame;
  return (
    <g class="axes">
      <Bottom scale={scales.x} axis={axes.x} frame={frame} />
      <Left scale={scales.y} axis={axes.y} frame={frame} />
      {axes.right && <Right {...axes.right} frame={frame} />}
      <path class="axis" d={`M${left},${top}V${bottom}H${right}${axes.right ? `V${top}` : ""}`} />
    </g>
  );
}

interface SideProps {
  readonly scale: Scale;
  readonly axis: Axis;
  readonly frame: Frame;
}

function Left({ scale, axis, frame: { left, right, top, bottom } }: SideProps) {
  const { ticks, labels } = verticalTicks(axis, scale.domain, bottom - top);
  return (
    <>
      {ticks.map((tick, index) => (
        <g key={tick} transform={`translate(0 ${scale(tick)})`}>
          <line class="grid" x1={left} x2={right} />
          <text class="tick" x={left - TICK_GAP} dy="0.32em" text-anchor="end">
            {labels[index]}
          </text>
        </g>
      ))}
      <text class="axis-title" transform={`translate(14 ${(top + bottom) / 2}) rotate(-90)`} text-anchor="middle">
        {axis.title(scale.domain)}
      </text>
    </>
  );
}

/** An axis without a grid: two grids would be taken for each other. */
function Right({ scale, axis, frame: { right, top, bottom } }: SideProps) {
  const { ticks, labels } = verticalTicks(axis, scale.domain, bottom - top);
  const title = right + Math.max(RIGHT_TITLE, TICK_GAP + widest(labels) + TITLE_GAP);
  return (
    <g data-testid="right-axis">
      {ticks.map((tick, index) => (
        <g key={tick} transform={`translate(${right} ${scale(tick)})`}>
          <line class="axis" x2={4} />
          <text class="tick" x={TICK_GAP} dy="0.32em">
            {labels[index]}
          </text>
        </g>
      ))}
      <text class="axis-title" transform={`translate(${title} ${(top + bottom) / 2}) rotate(90)`} text-anchor="middle">
        {axis.title(scale.domain)}
      </text>
    </g>
  );
}

function Bottom({ scale, axis, frame: { left, right, top, bottom } }: SideProps) {
  const { ticks, labels, minor } = horizontalTicks(axis, scale);
  return (
    <>
      {ticks.map((tick, index) => (
        <g key={tick} transform={`translate(${scale(tick)} 0)`}>
          <line class="grid" y1={top} y2={bottom} />
          <text class="tick" y={bottom + 18} text-anchor="middle">
            {labels[index]}
          </text>
        </g>
      ))}
      {minor.map((tick) => (
        <line key={tick} class="axis" x1={scale(tick)} x2={scale(tick)} y1={bottom} y2={bottom + 3} />
      ))}
      <text class="axis-title" x={(left + right) / 2} y={bottom + 38} text-anchor="middle">
        {axis.title(scale.domain)}
      </text>
    </>
  );
}
