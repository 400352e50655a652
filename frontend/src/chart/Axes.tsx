import { formatNumber, formatTicks } from "../lib/format";
import type { Scales } from "./scales";
import type { Interval } from "./series";
import { logTicks, minorTicks } from "./ticks";

const X_TICK_SPACING = 60;
const Y_TICK_SPACING = 52;
const X_DIGITS = 6;

interface AxesProps {
  readonly scales: Scales;
  readonly yTitle: string;
}

/** Grid, ticks and titles of both axes. */
export function Axes({ scales: { x, y, frame }, yTitle }: AxesProps) {
  const { left, right, top, bottom } = frame;
  const xDomain = x.domain() as unknown as Interval;
  const wanted = Math.floor((right - left) / X_TICK_SPACING);
  const xTicks = logTicks(xDomain, wanted);
  const yTicks = y.ticks(Math.max(2, Math.floor((bottom - top) / Y_TICK_SPACING)));
  const yLabels = formatTicks(yTicks);
  return (
    <g class="axes">
      {yTicks.map((tick, index) => (
        <g key={tick} transform={`translate(0 ${y(tick)})`}>
          <line class="grid" x1={left} x2={right} />
          <text class="tick" x={left - 10} dy="0.32em" text-anchor="end">
            {yLabels[index]}
          </text>
        </g>
      ))}
      {xTicks.map((tick) => (
        <g key={tick} transform={`translate(${x(tick)} 0)`}>
          <line class="grid" y1={top} y2={bottom} />
          <text class="tick" y={bottom + 18} text-anchor="middle">
            {formatNumber(tick, X_DIGITS)}
          </text>
        </g>
      ))}
      {minorTicks(xDomain, wanted).map((tick) => (
        <line key={tick} class="axis" x1={x(tick)} x2={x(tick)} y1={bottom} y2={bottom + 3} />
      ))}
      <path class="axis" d={`M${left},${top}V${bottom}H${right}`} />
      <text class="axis-title" x={(left + right) / 2} y={bottom + 38} text-anchor="middle">
        learning rate (log)
      </text>
      <text class="axis-title" transform={`translate(14 ${(top + bottom) / 2}) rotate(-90)`} text-anchor="middle">
        {yTitle}
      </text>
    </g>
  );
}
