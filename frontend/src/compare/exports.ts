/** The export of the Settings view: a row per run. */

import { legendOf } from "../chart/relation/relation";
import { type Block, type Exported, namesOf } from "../runs/exportTable";
import type { Settings } from "../settings/settings";
import type { Compare } from "./compare";

export function exportCompare(compare: Compare, settings: Settings): Exported {
  const [relation, drawing] = [compare.relation.value!, compare.drawing.value!];
  const runs = new Map(compare.runs.shown.value.map((run) => [run.trace.id, run]));
  const rows = relation.points.filter(({ id }) => runs.has(id));
  const blocks = rows.map(
    ({ id, y, lower, upper, confidence }): Block => ({
      names: namesOf(runs.get(id)!.trace, compare.settings.value),
      facts: {},
      columns: { [drawing.names.y.replace(" ", "_")]: [y], lower: [lower], upper: [upper], confidence: [confidence] },
    }),
  );
  const { groups, sentences, leftOut: left_out } = relation;
  return {
    view: "settings",
    title: `${drawing.names.y} against ${drawing.names.x}`,
    legend: legendOf(drawing, compare.hasRules.value),
    facts: { settings: Object.fromEntries(settings.all.value), by: compare.by.value, groups, sentences, left_out },
    blocks,
  };
}
