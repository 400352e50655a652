/** The series that the chart draws, made from the loaded rows. */

import { smooth } from "../base/smoothing";
import type { Interval } from "../chart/scales";
import type { Edge, Series } from "../chart/sweep/series";
import type { Curve, Suggestion, Trace } from "../server/types";
import { isCoarse, type LoadedCurve, type SweepQuery, type SweepRun, type Sweeps } from "./sweeps";

/** The series of the runs whose rows are loaded. */
export function seriesOf(runs: readonly SweepRun[], sweeps: Sweeps, query: SweepQuery): Series[] {
  const drawn = query.quantity === "slope" ? slopeOf : valuesOf;
  return runs.flatMap((run) => drawn(run, sweeps, query) ?? []);
}

function valuesOf(run: SweepRun, { curves, details }: Sweeps, query: SweepQuery): Series | null {
  const { curve, trace } = run;
  if (!curve || "error" in curve || curve.values.length === 0) return null;
  const rows = finest(curve, curves.get(trace.id), details.get(trace.id), query);
  const { step, learningRate, values, column, mode, spread, isWhole } = rows;
  return {
    ...sharedBy(run),
    quantity: "value",
    step,
    learningRate,
    values,
    column,
    mode,
    smoothed: rows.smoothed ?? smoothed(values, query.smoothing),
    spread: spread && isWhole ? smoothed(spread, query.smoothing) : spread,
    overview: curve,
    // The value of a trial has no place on the axis of another column.
    trials: column === trace.monitor ? trace.trials : [],
  };
}

function slopeOf(run: SweepRun, { slopes }: Sweeps): Series | null {
  const { curve, trace } = run;
  const slope = slopes.get(trace.id);
  if (!slope || "error" in slope || slope.values.length === 0) return null;
  const { learningRate, values, column, mode } = slope;
  return {
    ...sharedBy(run),
    quantity: "slope",
    step: null,
    learningRate,
    values,
    column,
    mode,
    smoothed: values,
    spread: null,
    // The rates of the curve itself, so that the axis is the same for the curve and its slope.
    overview: { learningRate: curve && "values" in curve ? curve.learningRate : learningRate, values },
    trials: [],
  };
}

function sharedBy({ trace, label, color, dash, isPinned, use, suggestion }: SweepRun) {
  const { id, run, session } = trace;
  const suggested = use && { rate: use.learningRate, lower: use.lower };
  const found = {
    suggested,
    band: band(suggestion),
    edge: edge(suggestion),
    trainedAt: trace.probe?.learningRate ?? null,
  };
  return { id, run, session, label, color, dash, isPinned, group: null, planned: plan(trace), ...found };
}

/**
 * The finest rows that are loaded: of a thinned curve, the detail of the part in view. While that detail is loading, an
 * earlier one is used if it covers the view.
 */
function finest(
  curve: Curve,
  overview: LoadedCurve | undefined,
  detail: LoadedCurve | undefined,
  query: SweepQuery,
): Curve {
  if (!detail || "error" in detail.rows || !isCoarse(overview, query)) return curve;
  return detail.rows.column === curve.column && covers(detail.window, query.window) ? detail.rows : curve;
}

function covers(outer: Interval | null, inner: Interval | null): boolean {
  return outer === null || (inner !== null && outer[0] <= inner[0] && outer[1] >= inner[1]);
}

function plan({ status, startLr, endLr }: Trace): Interval | null {
  if (status !== "running" || startLr === null || endLr === null) return null;
  return startLr > 0 && startLr < endLr ? [startLr, endLr] : null;
}

function band(suggestion: Suggestion | undefined): Interval | null {
  const { lower = null, upper = null } = suggestion ?? {};
  return lower === null || upper === null ? null : [lower, upper];
}

function edge({ edge = null, edgeRatio = null }: Partial<Suggestion> = {}): Edge | null {
  return edge === null ? null : { rate: edge, ratio: edgeRatio };
}

const smoothings = new WeakMap<Float64Array, { weight: number; values: Float64Array }>();

/** The smoothed values of a complete column; computed again only for a new column or weight. */
function smoothed(column: Float64Array, weight: number): Float64Array {
  const before = smoothings.get(column);
  if (before?.weight === weight) return before.values;
  const values = smooth(column, weight);
  smoothings.set(column, { weight, values });
  return values;
}
