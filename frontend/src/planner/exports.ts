/** The export of the planner. */

import { type Exported, LEGEND_LINE, reaches, shownRows } from "../runs/exportTable";
import type { Settings } from "../settings/settings";
import type { Planner } from "./planner";

export function exportRecipe(planner: Planner, settings: Settings): Exported {
  const { name, steps, learningRates, code } = planner.built.value!;
  const [label, zoom] = [planner.recipe.value?.label ?? name, planner.zoom.value];
  return {
    view: "planner",
    title: label,
    legend: [{ ...LEGEND_LINE, label, color: "var(--run-1)" }],
    facts: { settings: Object.fromEntries(settings.all.value), zoom },
    blocks: [
      {
        names: { schedule: name },
        facts: { code },
        columns: shownRows({ step: steps, learning_rate: learningRates }, reaches(steps, zoom?.x)),
      },
    ],
  };
}
