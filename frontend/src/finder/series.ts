/** From what was loaded to what the chart draws. */

import { smooth } from "../base/smoothing";
import type { Interval } from "../chart/scales";
import type { Series } from "../chart/sweep/series";
import type { Curve, Suggestion, Trace } from "../server/types";
import { isCoarse, type LoadedCurve, type SweepQuery, type SweepRun, type Sweeps } from "./sweeps";

/** What can be drawn of some runs: of those whose rows are here. */
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
    // What a trial reached has no place on the axis of another value.
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
    // As wide as the curve itself, so that the axis stands still between the two.
    overview: { learningRate: curve && "values" in curve ? curve.learningRate : learningRate, values },
    trials: [],
  };
}

function sharedBy({ trace, label, color, dash, use, suggestion }: SweepRun) {
  const { id, run, session } = trace;
  const suggested = use && { rate: use.learningRate, lower: use.lower };
  return { id, run, session, label, color, dash, suggested, planned: plan(trace), band: band(suggestion) };
}

/** Of a thinned curve the detail of what is in view; until that is here, the one before if it shows as much. */
function finest(
  curve: Curve,
  overview: LoadedCurve | undefined,
  detail: LoadedCurve | undefined,
  query: SweepQuery,
): Curve {
  if (!detail || "error" in detail.rows || !isCoarse(overview, query)) return curve;
  return detail.rows.column === curve.column && covers(detail.window, query.window) ? detail.rows : curve;
}

function covers(shown: Interval | null, wanted: Interval | null): boolean {
  return shown === null || (wanted !== null && shown[0] <= wanted[0] && shown[1] >= wanted[1]);
}

function plan({ status, startLr, endLr }: Trace): Interval | null {
  return status === "running" && startLr !== null && endLr !== null ? [startLr, endLr] : null;
}

function band(suggestion: Suggestion | undefined): Interval | null {
  const { lower = null, upper = null } = suggestion ?? {};
  return lower === null || upper === null ? null : [lower, upper];
}

const cache = new WeakMap<Float64Array, { weight: number; values: Float64Array }>();

/** Smoothing of a complete column, computed again only for what changed. */
function smoothed(column: Float64Array, weight: number): Float64Array {
  const known = cache.get(column);
  if (known?.weight === weight) return known.values;
  const values = smooth(column, weight);
  cache.set(column, { weight, values });
  return values;
}
