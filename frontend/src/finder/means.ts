/** The mean of the runs of a group at each rate, and the range that they span. */

import { valueAt } from "../chart/rows";
import { extentOf } from "../chart/scales";
import type { Series } from "../chart/sweep/series";
import type { Panel } from "./panels";

/** The number of rates at which the runs of a group meet. */
const RATES = 256;

/** A series for each group, or several where its runs show different columns. */
export function meansOf(panels: readonly Panel[]): Series[] {
  return panels.flatMap((panel) =>
    [...Map.groupBy(panel.series, ({ column }) => column)].map(([column, runs]) => meanOf(panel, column, runs)),
  );
}

/**
 * The mean of the smoothed values at rates that are evenly spaced on a log axis. Where only one of several runs has a value
 * there is none: the line would jump to that run.
 */
function meanOf({ key, name, color }: Panel, column: string, runs: readonly Series[]): Series {
  const learningRate = commonRates(runs);
  const rows = Array.from(learningRate, (rate) => {
    const found = runs.map((run) => valueAt(run.learningRate, run.smoothed, rate)).filter(Number.isFinite);
    return found.length < Math.min(2, runs.length) ? [] : found;
  });
  const columnOf = (summary: (found: number[]) => number) =>
    Float64Array.from(rows, (found) => (found.length === 0 ? Number.NaN : summary(found)));
  const values = columnOf((found) => found.reduce((sum, value) => sum + value) / found.length);
  return {
    ...runs[0]!,
    id: `${key} ${column}`,
    label: name,
    color,
    dash: "",
    step: null,
    learningRate,
    values,
    smoothed: values,
    spread: null,
    planned: null,
    suggested: null,
    band: null,
    edge: null,
    trainedAt: null,
    trials: [],
    isPinned: false,
    group: {
      runs: runs.map(({ id }) => id),
      lower: columnOf((found) => Math.min(...found)),
      upper: columnOf((found) => Math.max(...found)),
    },
  };
}

/** Rates from the lowest of all to the highest. */
function commonRates(runs: readonly Series[]): Float64Array {
  const ends = runs.map(({ learningRate }) => extentOf(learningRate.filter((rate) => rate > 0)) ?? []);
  const [lowest, highest] = extentOf(Float64Array.from(ends.flat())) ?? [1, 1];
  const step = (highest / lowest) ** (1 / (RATES - 1));
  // The powers of a rounded number may pass the end, where no run has a value.
  return Float64Array.from({ length: RATES }, (_, row) => (row < RATES - 1 ? lowest * step ** row : highest));
}
