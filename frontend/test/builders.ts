/** Builds what is drawn by hand: plain by default, with what a test is about in `fields`. */

import type { Series } from "../src/chart/series";
import { smooth } from "../src/lib/smoothing";

export function series(rates: readonly number[], column: readonly number[], fields: Partial<Series> = {}): Series {
  const values = Float64Array.from(column);
  const learningRate = Float64Array.from(rates);
  return {
    id: "s/run",
    run: "run",
    session: "s",
    label: "run",
    color: "red",
    dash: "",
    quantity: "value",
    step: Float64Array.from(rates.keys()),
    learningRate,
    values,
    spread: null,
    overview: { learningRate, values },
    column: "loss",
    mode: "min",
    smoothed: smooth(values, 0),
    planned: null,
    mark: null,
    band: null,
    trials: [],
    ...fields,
  };
}
