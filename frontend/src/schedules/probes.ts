/** Probes as lines along the chosen axis. */

import { interpolate } from "../base/interpolation";
import type { ProbeLine } from "../chart/schedule/probeLines";
import type { ProbePoint, Schedule } from "../server/types";
import type { ScheduleRun, XAxis } from "./lines";

/** The probes of the runs, as far as they have a place on the axis. */
export function probeLinesOf(runs: readonly ScheduleRun[], axis: XAxis): ProbeLine[] {
  return runs.flatMap(({ trace, label, color, dash, schedule, probes }) => {
    if (!schedule || schedule.step.length === 0) return [];
    const placed = probes.points
      .map((point) => ({ point, x: placeOf(point, schedule, axis) }))
      .filter(({ x }) => Number.isFinite(x))
      .sort((a, b) => a.x - b.x);
    if (placed.length === 0) return [];
    const column = (value: (point: ProbePoint) => number | null) =>
      Float64Array.from(placed, ({ point }) => value(point) ?? Number.NaN);
    return {
      id: trace.id,
      label,
      color,
      dash,
      points: placed.map(({ point }) => point),
      xs: Float64Array.from(placed, ({ x }) => x),
      suggestions: column(({ suggestion }) => suggestion),
      lower: column(({ lower, upper }) => upper && lower),
      upper: column(({ lower, upper }) => lower && upper),
      edges: column(({ edge }) => edge),
      places: column(({ suggestion, learningRate }) => suggestion ?? learningRate),
    };
  });
}

/** The place of a probe, by the rows of its training where it does not know it itself; NaN for none. */
function placeOf({ step, epoch, wallTime }: ProbePoint, schedule: Schedule, axis: XAxis): number {
  switch (axis) {
    case "step":
      return step;
    case "epoch":
      // A row tells the epoch after its step, a probe is made before its own.
      return epoch ?? (schedule.epoch ? interpolate(schedule.step, schedule.epoch, step - 1) : Number.NaN);
    case "wall":
      return wallTime;
    case "relative":
      return wallTime - (schedule.wallTime?.[0] ?? Number.NaN);
  }
}
