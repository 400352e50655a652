import { type Axis, fittingTicks, ticksOf } from "./axis";
import type { Frame, Scale, Scales } from "./scales";

/** The least distances between ticks, whatever their labels say, in pixels. */
const X_TICK_SPACING = 60;
const Y_TICK_SPACING = 52;

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
  const { ticks, labels, title } = ticksOf(scale, axis, (bottom - top) / Y_TICK_SPACING);
  return (
    <>
      {ticks.map((tick, index) => (
        <g key={tick} transform={`translate(0 ${scale(tick)})`}>
          <line class="grid" x1={left} x2={right} />
          <text class="tick" x={left - 10} dy="0.32em" text-anchor="end">
            {labels[index]}
          </text>
        </g>
      ))}
      <text class="axis-title" transform={`translate(14 ${(top + bottom) / 2}) rotate(-90)`} text-anchor="middle">
        {title}
      </text>
    </>
  );
}

/** An axis without a grid: two grids would be taken for each other. */
function Right({ scale, axis, frame: { right, top, bottom } }: SideProps) {
  const { ticks, labels, title } = ticksOf(scale, axis, (bottom - top) / Y_TICK_SPACING);
  return (
    <g data-testid="right-axis">
      {ticks.map((tick, index) => (
        <g key={tick} transform={`translate(${right} ${scale(tick)})`}>
          <line class="axis" x2={4} />
          <text class="tick" x={9} dy="0.32em">
            {labels[index]}
          </text>
        </g>
      ))}
      <text
        class="axis-title"
        transform={`translate(${right + 64} ${(top + bottom) / 2}) rotate(90)`}
        text-anchor="middle"
      >
        {title}
      </text>
    </g>
  );
}

function Bottom({ scale, axis, frame: { left, right, top, bottom } }: SideProps) {
  const most = (right - left) / X_TICK_SPACING;
  const { ticks, labels, title } = fittingTicks(scale, axis, most);
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
      {axis.minor(scale.domain, Math.floor(most)).map((tick) => (
        <line key={tick} class="axis" x1={scale(tick)} x2={scale(tick)} y1={bottom} y2={bottom + 3} />
      ))}
      <text class="axis-title" x={(left + right) / 2} y={bottom + 38} text-anchor="middle">
        {title}
      </text>
    </>
  );
}
