/** The texts of the tooltip: sweeps at one position of the chart. `../readout.ts` has its form. */

import { formatRate, formatValue } from "../../base/numbers";
import type { Reading, Readout } from "../readout";
import { nearestRow } from "../rows";
import type { Scales } from "../scales";
import type { Point } from "../zoom";
import { columnName, type Series, showsSlope } from "./series";
import type { Order } from "./style";

export function readSweeps(series: readonly Series[], scales: Scales, [left, top]: Point, order: Order): Readout {
  const [groups, runs] = [series.filter(({ group }) => group), series.filter(({ group }) => !group)];
  const sections = [
    { head: headOf(runs), readings: readingsOf(runs, scales, [left, top], order) },
    {
      name: "Group",
      head: ["LR", "Lowest", "Highest", "Mean"],
      readings: readingsOf(groups, scales, [left, top], order),
    },
  ].filter(({ readings }) => readings.length > 0);
  return { name: "Learning rate", value: formatRate(scales.x.invert(left)), sections };
}

function headOf(series: readonly Series[]): string[] {
  const head = showsSlope(series) ? ["LR", "Slope"] : ["LR", columnName(series), "Smoothed", "Step"];
  return series.some(({ edge }) => edge) ? [...head, "Edge"] : head;
}

function readingsOf(series: readonly Series[], scales: Scales, [left, top]: Point, order: Order): Reading[] {
  const rate = scales.x.invert(left);
  const found = series
    .map((entry) => ({ entry, row: nearestRow(entry.learningRate, rate, scales.kinds.x) }))
    .filter(({ row }) => row >= 0)
    .map(({ entry, row }) => ({ reading: readingOf(entry, row, scales), value: entry.smoothed[row]! }))
    .map(({ reading, value }) => ({ reading, key: keyOf(reading, value, top, order) }));
  return found.sort((a, b) => a.key - b.key).map(({ reading }) => reading);
}

function readingOf(series: Series, row: number, { x, y }: Scales): Reading {
  const { id, label, color, dash, step, learningRate, values, smoothed, edge, group } = series;
  return {
    id,
    label,
    color,
    dash,
    left: x(learningRate[row]!),
    top: y(smoothed[row]!),
    step: step ? step[row]! : row,
    // Only the few readings that are shown pay for formatting.
    get cells() {
      const [rate, value] = [formatRate(learningRate[row]!), formatValue(smoothed[row]!)];
      if (group) return [rate, formatValue(group.lower[row]!), formatValue(group.upper[row]!), value];
      const cells = step ? [rate, formatValue(values[row]!), value, String(step[row]!)] : [rate, value];
      return edge ? [...cells, formatRate(edge.rate)] : cells;
    },
  };
}

/** The sort key of a reading; readings without a place come last. */
function keyOf(reading: Reading, value: number, top: number, order: Order): number {
  const key = { listed: 0, nearest: Math.abs(reading.top - top), ascending: value, descending: -value }[order];
  return Number.isNaN(key) ? Number.MAX_VALUE : key;
}
