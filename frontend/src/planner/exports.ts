/** The export of the planner. */

import { type Exported, LEGEND_LINE, reaches, shownRows } from "../runs/exportTable";
import type { Settings } from "../settings/settings";
import type { Planner } from "./planner";

export function exportRecipe(planner: Planner, settings: Settings): Exported {
  const [lines, zoom] = [planner.lines.value, planner.zoom.value];
  const plans = [planner.built.value!, planner.kept.value].filter((plan) => plan !== null);
  return {
    view: "planner",
    title: lines[0]!.label,
    legend: lines.map(({ label, color, dash }) => ({ ...LEGEND_LINE, label, color, dash })),
    facts: { settings: Object.fromEntries(settings.all.value), zoom },
    blocks: plans.map(({ steps, learningRates, code, margin }, index) => ({
      names: { schedule: lines[index]!.label },
      facts: { code, margin: margin?.sentence ?? null },
      columns: shownRows({ step: steps, learning_rate: learningRates }, reaches(steps, zoom?.x)),
    })),
  };
}
