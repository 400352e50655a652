/** Builds by hand what the tab makes of answers: plain ones, but for the fields that a test is about. */

import { smooth } from "../../src/base/smoothing";
import type { Series } from "../../src/chart/sweep/series";
import type { SweepRun } from "../../src/finder/sweeps";
import type { Run } from "../../src/runs/run";
import type { ScheduleRun } from "../../src/schedules/lines";
import { decodeTraces } from "../../src/server/decode";
import type { Trace } from "../../src/server/types";
import { traceJson, tracesJson } from "./wire";

export const of = (...values: number[]) => Float64Array.from(values);

export function trace(id: string, fields: Partial<Trace> = {}): Trace {
  const [decoded] = decodeTraces(tracesJson(traceJson(id))).traces;
  return { ...decoded!, ...fields };
}

/** A run of either view, without its rows. */
export function run(trace: Trace): Run {
  const style = { color: `color of ${trace.run}`, dash: "", group: null, shared: null };
  return { trace, apart: null, label: trace.run, facts: "", isSelected: true, isPinned: false, error: null, ...style };
}

export function scheduleRun(trace: Trace, fields: Partial<ScheduleRun> = {}): ScheduleRun {
  const none = { points: [], sentences: [], error: null };
  return { ...run(trace), schedule: undefined, probes: none, pairs: [], ...fields };
}

export function sweepRun(trace: Trace, fields: Partial<SweepRun> = {}): SweepRun {
  return {
    ...run(trace),
    curve: undefined,
    suggestion: undefined,
    method: null,
    use: null,
    code: null,
    pairs: [],
    ...fields,
  };
}

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
    suggested: null,
    band: null,
    edge: null,
    trainedAt: null,
    trials: [],
    isPinned: false,
    group: null,
    ...fields,
  };
}
