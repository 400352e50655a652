import type { Reading, Readout, Selection } from "./readout";
import { Swatch } from "./Swatch";
import type { Size } from "./size";
import type { Point } from "./zoom";

const DISTANCE = 16;
const MARGIN = 4;
/** The most columns that a small screen has room for. */
const NARROW = 5;

interface TooltipProps {
  readonly readout: Readout;
  /** The part of the readout that there is room for. */
  readonly selection: Selection;
  readonly pointer: Point;
  readonly size: Size;
}

/** The readout beside the pointer, kept inside the chart. `sweep/readout.ts` and `schedule/readout.ts` have its texts. */
export function Tooltip({ readout, selection, pointer, size }: TooltipProps) {
  const { sections, nearest, left } = selection;
  return (
    <div class="tooltip" data-testid="tooltip" style={{ transform: placeAt(pointer, size) }}>
      <div class="tooltip-title">
        {readout.name} <b>{readout.value}</b>
      </div>
      <table>
        {sections.map(({ name = "Run", head, readings }) => (
          <tbody key={head.join()} class={head.length > NARROW ? "wide" : ""}>
            <tr>
              <td />
              <th class="name">{name}</th>
              {head.map((title) => (
                <th key={title}>{title}</th>
              ))}
            </tr>
            {/* Rows are keyed by position, since filling them anew with other runs costs less than replacing them. */}
            {readings.map((reading, index) => (
              <Row key={index} {...reading} isNearest={reading === nearest} />
            ))}
          </tbody>
        ))}
      </table>
      {left > 0 && <div class="tooltip-more">and {left} more, farther from the pointer</div>}
    </div>
  );
}

function Row({ id, label, color, dash, cells, step, isNearest }: Reading & { isNearest: boolean }) {
  return (
    <tr class={isNearest ? "nearest" : ""} data-testid="tooltip-row" data-id={id} data-step={String(step)}>
      <td>
        <Swatch color={color} dash={dash} />
      </td>
      <td class="name">{label}</td>
      {cells.map((cell, index) => (
        <td key={index}>{cell}</td>
      ))}
    </tr>
  );
}

/** A position beside the pointer, on the roomier side and inside the chart. CSS knows the size, so nothing is measured. */
function placeAt([x, y]: Point, { width, height }: Size): string {
  const right = `min(${x + DISTANCE}px, ${width - MARGIN}px - 100%)`;
  const left = `max(${x - DISTANCE}px - 100%, ${MARGIN}px)`;
  return `translate(${x < width / 2 ? right : left}, clamp(${MARGIN}px, ${y}px - 50%, ${height - MARGIN}px - 100%))`;
}
