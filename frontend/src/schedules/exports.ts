/** The export of the Schedules view. */

import type { Overlay, ScheduleLine } from "../chart/schedule/lines";
import { legendOf, type ProbeLine } from "../chart/schedule/probeLines";
import { type Block, type Exported, isWithin, LEGEND_LINE, type Range, reaches, shownRows } from "../runs/exportTable";
import type { Settings } from "../settings/settings";
import type { ScheduleRun, XAxis } from "./lines";
import type { Schedules } from "./schedules";

/** The column that holds the positions along each axis. */
const X_COLUMNS: Readonly<Record<XAxis, string>> = {
  step: "step",
  epoch: "epoch",
  wall: "wall_time",
  relative: "relative_time",
};

/** `front` is the run whose band is drawn where there are too many for all. */
export function exportSchedules(schedules: Schedules, settings: Settings, front: string | null): Exported {
  const [lines, overlays, axis] = [schedules.lines.value, schedules.overlays.value, schedules.xAxis.value];
  const [probes, zoom] = [schedules.probes.value, schedules.zoom.value];
  const runs = new Map(schedules.runs.shown.value.map((run) => [run.trace.id, run]));
  return {
    view: "schedules",
    title: "Learning rate",
    legend: [
      ...lines.map(({ label, color, dash }) => ({ ...LEGEND_LINE, label, color, dash })),
      ...overlays.map(({ run, tag, color, dash }) => ({
        ...LEGEND_LINE,
        label: `${run}: ${tag}`,
        color,
        dash,
        width: dash ? 1.75 : 1.25,
      })),
      ...legendOf(probes, front),
    ],
    facts: { settings: Object.fromEntries(settings.all.value), axis, zoom },
    blocks: [
      ...lines.map((line) => lineBlock(line, runs.get(line.id)!, axis, zoom?.x)),
      ...probes.map((line) => probeBlock(line, runs.get(line.id)!, axis, zoom?.x)),
      ...overlays.map((overlay) => overlayBlock(overlay, axis, zoom?.x)),
    ],
  };
}

function lineBlock(line: ScheduleLine, { trace, schedule }: ScheduleRun, axis: XAxis, range: Range): Block {
  const { xs, rates, rateChanges: changes } = line;
  const { step, epoch, wallTime } = schedule!;
  const columns = { step, epoch, wall_time: wallTime, [X_COLUMNS[axis]]: xs, learning_rate: rates };
  return {
    names: { run: trace.run, session: trace.session },
    facts: { kind: trace.kind, rate_changes: changes.map(({ step, text }) => ({ step, text })) },
    columns: shownRows(columns, reaches(xs, range)),
  };
}

/** What each probe found; a cell is empty where it found nothing. */
function probeBlock({ points, xs }: ProbeLine, { trace, probes }: ScheduleRun, axis: XAxis, range: Range): Block {
  const columns = {
    step: points.map(({ step }) => step),
    epoch: points.map(({ epoch }) => epoch),
    wall_time: points.map(({ wallTime }) => wallTime),
    [X_COLUMNS[axis]]: xs,
    learning_rate: points.map(({ learningRate }) => learningRate),
    suggestion: points.map(({ suggestion }) => suggestion),
    lower: points.map(({ lower }) => lower),
    upper: points.map(({ upper }) => upper),
    edge: points.map(({ edge }) => edge),
    confidence: points.map(({ confidence }) => confidence),
  };
  return {
    names: { run: points[0]!.run, session: trace.session },
    facts: { kind: "probes", training: trace.run, sentences: probes.sentences },
    columns: shownRows(columns, isWithin(xs, range)),
  };
}

/** A scalar has no columns of a schedule, only its place along the axis. */
function overlayBlock({ run, tag, xs, values, smoothed }: Overlay, axis: XAxis, range: Range): Block {
  const columns = { [X_COLUMNS[axis]]: xs, value: values, ...(smoothed !== values && { smoothed }) };
  return { names: { run, tag }, facts: {}, columns: shownRows(columns, isWithin(xs, range)) };
}
