/** The texts of the tooltip: schedules and scalars at one position of the chart. `../readout.ts` has its form. */

import { formatCount, formatRate, formatValue } from "../../base/numbers";
import type { Axis } from "../axis";
import type { Reading, Readout } from "../readout";
import { nearestRow } from "../rows";
import type { Scale, Scales } from "../scales";
import type { Overlay, ScheduleLine } from "./lines";

/** The distance beyond the end of a line within which the pointer still reads it, in pixels. */
const REACH = 12;

interface Shown {
  readonly lines: readonly ScheduleLine[];
  readonly overlays: readonly Overlay[];
  readonly axis: Axis;
  /** The axis of the scalar's values; null without one. */
  readonly right: Scale | null;
}

/** The fields that a line and a scalar have in common. */
type Readable = Pick<ScheduleLine, "id" | "label" | "color" | "dash" | "xs" | "steps"> & {
  readonly values: Float64Array;
};

export function readSchedules({ lines, overlays, axis, right }: Shown, { x, y }: Scales, left: number): Readout {
  const readingsOf = (readables: readonly Readable[], scale: Scale | null, format: (value: number) => string) =>
    readables.flatMap(({ id, label, color, dash, xs, values, steps }) =>
      nearest(xs, x, left).map(
        (row): Reading => ({
          id,
          label,
          color,
          dash,
          left: x(xs[row]!),
          top: scale?.(values[row]!) ?? Number.NaN,
          step: steps[row]!,
          cells: [format(values[row]!), formatCount(steps[row]!)],
        }),
      ),
    );
  const rates = lines.map((line) => ({ ...line, values: line.rates }));
  const scalars = overlays.map((overlay) => ({ ...overlay, label: overlay.run }));
  const [first] = overlays;
  return {
    name: axis.name,
    value: axis.read(x.invert(left)),
    sections: [
      { head: ["LR", "Step"], readings: readingsOf(rates, y, formatRate) },
      {
        head: [first?.tag ?? "", first?.unit === "epoch" ? "Epoch" : "Step"],
        readings: readingsOf(scalars, right, formatValue),
      },
    ],
  };
}

/** The row nearest to the pointer; none where the line is elsewhere. */
function nearest(xs: Float64Array, x: Scale, left: number): number[] {
  if (xs.length === 0) return [];
  const isBeside = left < x(xs[0]!) - REACH || left > x(xs.at(-1)!) + REACH;
  return isBeside ? [] : [nearestRow(xs, x.invert(left), "linear")];
}
