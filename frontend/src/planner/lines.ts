/** The lines of the planner's chart: the schedule, the one that is kept beside it, and the blow-up edge. */

import { formatRate } from "../base/numbers";
import { dashAt, LOOSE } from "../chart/palette";
import type { ScaleKind } from "../chart/scales";
import type { ScheduleLine } from "../chart/schedule/lines";
import { EDGE_DASH } from "../chart/schedule/probeLines";
import type { BuiltRecipe } from "../server/types";

/** The factor above a schedule up to which a linear axis shows the edge: beyond it, the schedule would be a line at its foot. */
const REACH = 4;

/** Whether an axis shows the edge. */
export function hasEdge({ learningRates }: BuiltRecipe, edge: number, kind: ScaleKind): boolean {
  return kind === "log" || edge < REACH * Math.max(...learningRates);
}

export function planLines(
  built: BuiltRecipe,
  kept: BuiltRecipe | null,
  edge: number | null,
  kind: ScaleKind,
): ScheduleLine[] {
  const lines = [lineOf(built.name, built.label, built, "var(--run-1)", "")];
  if (kept) lines.push(lineOf("kept", `${kept.label} (kept)`, kept, "var(--run-2)", dashAt(1)));
  if (edge !== null && hasEdge(built, edge, kind)) {
    const constant = { ...built, learningRates: built.steps.map(() => edge) };
    lines.push(lineOf("edge", `blow-up edge ${formatRate(edge)}`, constant, LOOSE.color, EDGE_DASH));
  }
  return lines;
}

function lineOf(
  id: string,
  label: string,
  { steps, learningRates: rates }: Pick<BuiltRecipe, "steps" | "learningRates">,
  color: string,
  dash: string,
): ScheduleLine {
  return { id, label, color, dash, isPlan: false, xs: steps, rates, steps, rateChanges: [] };
}
