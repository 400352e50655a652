/** The export of the LR Finder view. */

import { edgeText } from "../chart/sweep/Edges";
import { type Members, rateText, type Series, valueName } from "../chart/sweep/series";
import { differing } from "../runs/differing";
import { type Block, type Exported, isWithin, LEGEND_LINE, namesOf, type Range, shownRows } from "../runs/exportTable";
import type { Settings } from "../settings/settings";
import type { Finder } from "./finder";
import type { SweepRun } from "./sweeps";

export function exportFinder(finder: Finder, settings: Settings): Exported {
  const series = finder.comparison.drawn.value;
  const zoom = finder.zoom.value;
  const settingNames = differing(finder.runs.shown.value.map(({ trace }) => trace));
  const runs = new Map(finder.runs.shown.value.map((run) => [run.trace.id, run]));
  return {
    view: "lr-finder",
    title: capitalize(`${valueName(series)} against learning rate`),
    legend: [
      ...series
        .filter(({ group }) => !group)
        .map(({ label, color, dash, suggested, edge }) => ({
          ...LEGEND_LINE,
          label,
          color,
          dash,
          note: [...(suggested ? [rateText(suggested)] : []), ...(edge ? [edgeText(edge)] : [])].join(", "),
        })),
      ...finder.legend.value,
    ],
    facts: { settings: Object.fromEntries(settings.all.value), smoothing: finder.smoothing.value, zoom },
    blocks: series.map((entry) =>
      entry.group
        ? groupBlock(entry, entry.group, zoom?.x)
        : sweepBlock(entry, runs.get(entry.id)!, settingNames, zoom?.x),
    ),
  };
}

function groupBlock({ label, column, learningRate, values }: Series, group: Members, range: Range): Block {
  const columns = { learning_rate: learningRate, mean: values, lowest: group.lower, highest: group.upper };
  return {
    names: { group: label },
    facts: { column, runs: group.runs },
    columns: shownRows(columns, isWithin(learningRate, range)),
  };
}

function sweepBlock(
  series: Series,
  { trace, suggestion, use }: SweepRun,
  settingNames: readonly string[],
  range: Range,
): Block {
  const { column, mode, step, learningRate, values, smoothed } = series;
  const columns = { step, learning_rate: learningRate, [valueName([series])]: values, smoothed };
  const summary = suggestion && {
    method: suggestion.method,
    learning_rate: suggestion.learningRate,
    lower: suggestion.lower,
    upper: suggestion.upper,
    confidence: suggestion.confidence?.word ?? null,
    use: use && { name: use.name, learning_rate: use.learningRate, lower: use.lower },
  };
  return {
    names: { ...namesOf(trace, settingNames), blow_up_edge: suggestion?.edge ?? null },
    facts: { settings: trace.settings, column, mode, suggestion: summary ?? null },
    columns: shownRows(columns, isWithin(learningRate, range)),
  };
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
