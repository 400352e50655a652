/** The lines of the planner's chart: the schedule, the one that is kept beside it, and the blow-up edge. */

import { formatRate } from "../base/numbers";
import type { LegendEntry } from "../chart/export";
import { dashAt, LOOSE } from "../chart/palette";
import type { ScaleKind } from "../chart/scales";
import type { ScheduleLine } from "../chart/schedule/lines";
import { EDGE_DASH } from "../chart/schedule/probeLines";
import type { BuiltRecipe } from "../server/types";

/** The factor above the schedules up to which a linear axis shows the edge: beyond it, they would be lines at its foot. */
const REACH = 4;
/** The id of the line at the edge. */
export const EDGE = "edge";

export function planLines(
  built: BuiltRecipe | null,
  kept: BuiltRecipe | null,
  edge: number | null,
  kind: ScaleKind,
): ScheduleLine[] {
  const lines = [
    ...(built ? [lineOf(built.name, built.label, built, "var(--run-1)", "")] : []),
    ...(built && kept ? [lineOf("kept", `${kept.label} (kept)`, kept, "var(--run-2)", dashAt(1))] : []),
  ];
  const highest = Math.max(...lines.flatMap(({ rates }) => [...rates]));
  if (edge === null || !(kind === "log" || edge < REACH * highest)) return lines;
  const [longest] = lines.map(({ steps }) => steps).sort((a, b) => b.at(-1)! - a.at(-1)!);
  if (!longest) return lines;
  const constant = { steps: longest, learningRates: longest.map(() => edge) };
  return [...lines, lineOf(EDGE, `blow-up edge ${formatRate(edge)}`, constant, LOOSE.color, EDGE_DASH)];
}

export function legendOf(lines: readonly ScheduleLine[]): LegendEntry[] {
  return lines.map(({ label, color, dash }) => ({ label, note: "", color, dash, width: 2 }));
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
