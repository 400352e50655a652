/** Small charts side by side: one per run, or one per group. */

import { rateText, type Series } from "../chart/sweep/series";
import { groupsOf } from "../runs/groups";
import type { SweepRun } from "./sweeps";

export interface Panel {
  readonly key: string;
  /** The run; null where the panel is a group's. */
  readonly id: string | null;
  readonly name: string;
  /** The suggested rate of the run, or how many runs the group has. */
  readonly note: string;
  readonly color: string;
  readonly dash: string;
  readonly series: readonly Series[];
}

/** The panels in the order of the runs; runs without rows have none. */
export function panelsOf(series: readonly Series[], runs: readonly SweepRun[]): Panel[] {
  const byId = new Map(series.map((entry) => [entry.id, entry]));
  const groups = groupsOf(runs);
  if (groups.length === 0) return runs.flatMap(({ trace }) => panelOf(byId.get(trace.id)));
  return groups.flatMap(({ name, color, runs }) => {
    const drawn = runs.flatMap(({ trace }) => byId.get(trace.id) ?? []);
    if (drawn.length === 0) return [];
    const note = drawn.length === 1 ? "1 run" : `${drawn.length} runs`;
    return [{ key: `group ${name} ${color}`, id: null, name, note, color, dash: "", series: drawn }];
  });
}

function panelOf(series: Series | undefined): Panel[] {
  if (!series) return [];
  const { id, label, color, dash, suggested } = series;
  return [{ key: id, id, name: label, note: suggested ? rateText(suggested) : "", color, dash, series: [series] }];
}
