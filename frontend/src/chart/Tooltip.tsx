import { useLayoutEffect, useRef } from "preact/hooks";
import { formatRate, formatValue } from "../lib/format";
import type { Point } from "./box";
import { type Series, valueName } from "./series";
import type { Size } from "./size";

/** The row of a run that is nearest to the pointer, and where it is drawn. */
export interface Reading {
  readonly series: Series;
  readonly row: number;
  readonly left: number;
  readonly top: number;
}

const MAX_ROWS = 10;
const DISTANCE = 16;
const MARGIN = 4;

interface TooltipProps {
  readonly rate: number;
  readonly readings: readonly Reading[];
  readonly pointer: Point;
  readonly size: Size;
}

/** The readout beside the pointer, kept inside the chart; of many runs the ones nearest to the pointer. */
export function Tooltip({ rate, readings, pointer, size }: TooltipProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const card = ref.current!;
    card.style.transform = `translate(${place(pointer, card.offsetWidth, card.offsetHeight, size).join("px, ")}px)`;
  });
  const distance = ({ top }: Reading) => (Number.isFinite(top) ? Math.abs(top - pointer[1]) : Number.POSITIVE_INFINITY);
  const byDistance = readings.toSorted((a, b) => distance(a) - distance(b));
  const shown = new Set(byDistance.slice(0, MAX_ROWS));
  const left = readings.length - shown.size;
  return (
    <div ref={ref} class="tooltip" data-testid="tooltip">
      <div class="tooltip-title">
        Learning rate <b>{formatRate(rate)}</b>
      </div>
      <table>
        <thead>
          <tr>
            <th />
            <th class="name">Run</th>
            <th>LR</th>
            <th>{valueName(readings.map(({ series }) => series))}</th>
            <th>Smoothed</th>
            <th>Step</th>
          </tr>
        </thead>
        <tbody>
          {readings
            .filter((reading) => shown.has(reading))
            .map((reading) => (
              <Row key={reading.series.id} {...reading} isNearest={readings.length > 1 && reading === byDistance[0]} />
            ))}
        </tbody>
      </table>
      {left > 0 && <div class="tooltip-more">and {left} more, farther from the pointer</div>}
    </div>
  );
}

function Row({ series, row, isNearest }: Reading & { isNearest: boolean }) {
  const { id, label, color, learningRate, values, smoothed, step } = series;
  return (
    <tr class={isNearest ? "nearest" : ""} data-testid="tooltip-row" data-id={id} data-step={String(step[row])}>
      <td>
        <span class="dot" style={{ background: color }} />
      </td>
      <td class="name">{label}</td>
      <td>{formatRate(learningRate[row]!)}</td>
      <td>{formatValue(values[row]!)}</td>
      <td>{formatValue(smoothed[row]!)}</td>
      <td>{step[row]}</td>
    </tr>
  );
}

/** Right of the pointer, left of it where there is no room, always inside the chart. */
function place([x, y]: Point, width: number, height: number, size: Size): Point {
  const right = x + DISTANCE;
  const left = right + width + MARGIN <= size.width ? right : x - DISTANCE - width;
  const keep = (value: number, limit: number) => Math.max(MARGIN, Math.min(value, limit - MARGIN));
  return [keep(left, size.width - width), keep(y - height / 2, size.height - height)];
}
