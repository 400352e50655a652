/** What there is to read of sweeps at one place of the chart. */

import { formatRate, formatValue } from "../lib/format";
import type { Readout } from "./readout";
import { nearestRow } from "./rows";
import type { Scales } from "./scales";
import { type Series, valueName } from "./series";

export function readSweeps(series: readonly Series[], { x, y }: Scales, left: number): Readout {
  const rate = x.invert(left);
  const readings = series
    .map((entry) => ({ entry, row: nearestRow(entry.learningRate, rate) }))
    .filter(({ row }) => row >= 0)
    .map(({ entry: { id, label, color, step, learningRate, values, smoothed }, row }) => ({
      id,
      label,
      color,
      left: x(learningRate[row]!),
      top: y(smoothed[row]!),
      step: step[row]!,
      cells: [
        formatRate(learningRate[row]!),
        formatValue(values[row]!),
        formatValue(smoothed[row]!),
        String(step[row]!),
      ],
    }));
  const head = ["LR", valueName(series), "Smoothed", "Step"];
  return { name: "Learning rate", value: formatRate(rate), sections: [{ head, readings }] };
}
