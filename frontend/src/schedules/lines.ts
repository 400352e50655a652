/** Schedules as lines along the chosen axis. */

import { listNames } from "../base/lists";
import { firstRowFrom } from "../base/search";
import type { RateChange, ScheduleLine } from "../chart/schedule/lines";
import type { Run } from "../runs/run";
import type { Pair, Probes, Schedule } from "../server/types";

/** A run of the Schedules view. */
export interface ScheduleRun extends Run {
  /** Undefined until loaded, and where it cannot be read. */
  readonly schedule: Schedule | undefined;
  /** Those that could be read, or that were loaded by now. */
  readonly probes: Pick<Probes, "points" | "sentences" | "error">;
  /** The range tests that belong to it. */
  readonly pairs: readonly Pair[];
}

export const X_AXES = ["step", "epoch", "wall", "relative"] as const;
/** `wall`: date and time; `relative`: the time since the first row. */
export type XAxis = (typeof X_AXES)[number];

/** The positions of the rows of a schedule along an axis; null where they were not recorded. */
export function positions({ step, epoch, wallTime }: Schedule, axis: XAxis): Float64Array | null {
  switch (axis) {
    case "step":
      return step;
    case "epoch":
      return epoch;
    case "wall":
      return wallTime;
    case "relative":
      return wallTime?.map((time) => time - wallTime[0]!) ?? null;
  }
}

export function linesOf(runs: readonly ScheduleRun[], axis: XAxis): ScheduleLine[] {
  return runs.flatMap(({ trace, label, color, dash, isPinned, schedule }) => {
    const xs = schedule && positions(schedule, axis);
    if (!schedule || !xs || xs.length === 0) return [];
    const { id, step, learningRate } = schedule;
    const changes = changesOf(schedule, xs);
    const isPlan = trace.kind === "plan";
    return [{ id, label, color, dash, isPlan, isPinned, xs, rates: learningRate, steps: step, rateChanges: changes }];
  });
}

function changesOf({ step, learningRate, rateChanges }: Schedule, xs: Float64Array): RateChange[] {
  return rateChanges.map((change) => {
    const row = Math.min(firstRowFrom(step, change.step), step.length - 1);
    return { ...change, x: xs[row]!, rate: learningRate[row]! };
  });
}

/** Sentences about the runs that have no place on the axis. */
export function leftOut(runs: readonly ScheduleRun[], axis: XAxis): string[] {
  const missing = runs.filter(({ schedule }) => schedule && schedule.step.length > 0 && !positions(schedule, axis));
  if (missing.length === 0) return [];
  const names = listNames(missing.map(({ label }) => label));
  if (axis === "epoch") return [`Not drawn, because the steps of an epoch are not known: ${names}.`];
  return [`A plan has no time. Not drawn: ${names}.`];
}
