/** What can be saved of each view: what it shows, and the facts that made it so. */

import type { LegendEntry } from "../chart/export";
import type { Overlay, ScheduleLine } from "../chart/schedule/lines";
import { markText, type Series, valueName } from "../chart/sweep/series";
import type { SweepRun } from "../finder/sweeps";
import { type Block, isWithin, type Range, reaches, shownRows } from "../runs/exportTable";
import type { ScheduleRun, XAxis } from "../schedules/lines";
import type { State } from "./state";

export interface Exported {
  /** What files are named after. */
  readonly view: string;
  readonly title: string;
  readonly legend: readonly LegendEntry[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
}

/** The columns in which rows stand along each axis. */
const X_COLUMNS: Readonly<Record<XAxis, string>> = {
  step: "step",
  epoch: "epoch",
  wall: "wall_time",
  relative: "relative_time",
};

const LINE = { note: "", dash: "", width: 2 };

export function exportFinder({ finder, settings }: State): Exported {
  const series = finder.series.value;
  const zoom = finder.zoom.value;
  const runs = new Map(finder.runs.shown.value.map((run) => [run.trace.id, run]));
  return {
    view: "lr-finder",
    title: capitalize(`${valueName(series)} against learning rate`),
    legend: series.map(({ label, color, dash, mark }) => ({
      ...LINE,
      label,
      color,
      dash,
      note: mark ? markText(mark) : "",
    })),
    facts: { settings: Object.fromEntries(settings.all.value), smoothing: finder.smoothing.value, zoom },
    blocks: series.map((entry) => sweepBlock(entry, runs.get(entry.id)!, zoom?.x)),
  };
}

function sweepBlock(series: Series, { trace, suggestion, use }: SweepRun, range: Range): Block {
  const { column, mode, step, learningRate, values, smoothed } = series;
  const columns = { step, learning_rate: learningRate, [valueName([series])]: values, smoothed };
  const found = suggestion && {
    method: suggestion.method,
    learning_rate: suggestion.learningRate,
    lower: suggestion.lower,
    upper: suggestion.upper,
    confidence: suggestion.confidence,
    use: use && { name: use.name, learning_rate: use.learningRate, lower: use.lower },
  };
  return {
    names: { run: trace.run, session: trace.session },
    facts: { column, mode, suggestion: found ?? null },
    columns: shownRows(columns, isWithin(learningRate, range)),
  };
}

export function exportSchedules({ schedules, settings }: State): Exported {
  const [lines, overlays, axis] = [schedules.lines.value, schedules.overlays.value, schedules.xAxis.value];
  const zoom = schedules.zoom.value;
  const runs = new Map(schedules.runs.shown.value.map((run) => [run.trace.id, run]));
  return {
    view: "schedules",
    title: "Learning rate",
    legend: [
      ...lines.map(({ label, color, dash }) => ({ ...LINE, label, color, dash })),
      ...overlays.map(({ run, tag, color, dash }) => ({
        ...LINE,
        label: `${run}: ${tag}`,
        color,
        dash,
        width: dash ? 1.75 : 1.25,
      })),
    ],
    facts: { settings: Object.fromEntries(settings.all.value), axis, zoom },
    blocks: [
      ...lines.map((line) => lineBlock(line, runs.get(line.id)!, axis, zoom?.x)),
      ...overlays.map((overlay) => overlayBlock(overlay, axis, zoom?.x)),
    ],
  };
}

function lineBlock(line: ScheduleLine, { trace, schedule }: ScheduleRun, axis: XAxis, range: Range): Block {
  const { xs, rates, changes } = line;
  const { step, epoch, wallTime } = schedule!;
  const columns = { step, epoch, wall_time: wallTime, [X_COLUMNS[axis]]: xs, learning_rate: rates };
  return {
    names: { run: trace.run, session: trace.session },
    facts: { kind: trace.kind, changes: changes.map(({ step, text }) => ({ step, text })) },
    columns: shownRows(columns, reaches(xs, range)),
  };
}

/** Only the place along the axis is known in the terms of the schedules. */
function overlayBlock({ run, tag, xs, values }: Overlay, axis: XAxis, range: Range): Block {
  const columns = { [X_COLUMNS[axis]]: xs, value: values };
  return { names: { run, tag }, facts: {}, columns: shownRows(columns, isWithin(xs, range)) };
}

export function exportPlan({ planner, settings }: State): Exported {
  const { name, steps, learningRates, code } = planner.plan.value!;
  const [label, zoom] = [planner.recipe.value?.label ?? name, planner.zoom.value];
  return {
    view: "planner",
    title: label,
    legend: [{ ...LINE, label, color: "var(--run-1)" }],
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

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
