import { useLayoutEffect, useRef } from "preact/hooks";
import type { Point } from "./box";
import type { Reading, Readout, Selection } from "./readout";
import type { Size } from "./size";

const DISTANCE = 16;
const MARGIN = 4;

interface TooltipProps {
  readonly readout: Readout;
  /** What of it there is room for. */
  readonly selection: Selection;
  readonly pointer: Point;
  readonly size: Size;
}

/** The readout beside the pointer, kept inside the chart. */
export function Tooltip({ readout, selection, pointer, size }: TooltipProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const card = ref.current!;
    card.style.transform = `translate(${place(pointer, card.offsetWidth, card.offsetHeight, size).join("px, ")}px)`;
  });
  const { sections, nearest, left } = selection;
  return (
    <div ref={ref} class="tooltip" data-testid="tooltip">
      <div class="tooltip-title">
        {readout.name} <b>{readout.value}</b>
      </div>
      <table>
        {sections.map(({ head, readings }) => (
          <tbody key={head.join()}>
            <tr>
              <td />
              <th class="name">Run</th>
              {head.map((title) => (
                <th key={title}>{title}</th>
              ))}
            </tr>
            {readings.map((reading) => (
              <Row key={reading.id} {...reading} isNearest={reading === nearest} />
            ))}
          </tbody>
        ))}
      </table>
      {left > 0 && <div class="tooltip-more">and {left} more, farther from the pointer</div>}
    </div>
  );
}

function Row({ id, label, color, cells, step, isNearest }: Reading & { isNearest: boolean }) {
  return (
    <tr class={isNearest ? "nearest" : ""} data-testid="tooltip-row" data-id={id} data-step={String(step)}>
      <td>
        <span class="dot" style={{ background: color }} />
      </td>
      <td class="name">{label}</td>
      {cells.map((cell, index) => (
        <td key={index}>{cell}</td>
      ))}
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
