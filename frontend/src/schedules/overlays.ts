/** Scalars over schedules: the schedule that a scalar belongs to, and the positions of its values along the axis. */

import { sortedByName } from "../base/collation";
import { interpolate } from "../base/interpolation";
import { listNames } from "../base/lists";
import { smooth } from "../base/smoothing";
import { type LineStyle, scalarDash, UNRELATED } from "../chart/palette";
import type { ScaleKind } from "../chart/scales";
import type { Overlay } from "../chart/schedule/lines";
import type { Scalar, ScalarName, Schedule, Trace } from "../server/types";
import type { ScheduleRun, XAxis } from "./lines";

/** More lines than this say nothing, and each is a request. */
const OVERLAYS_AT_MOST = 30;

/**
 * The training that a scalar of this run is about: one of the same run, or else of the nearest run above or below it in
 * the directory tree; of several the latest, whose scalars TensorBoard keeps. Null where there is none.
 */
export function ownerOf(run: string, traces: readonly Trace[]): Trace | null {
  const related = traces
    .filter(({ kind }) => kind === "training")
    .map((trace) => ({ trace, distance: distanceBetween(run, trace.run) }))
    .filter(({ distance }) => Number.isFinite(distance))
    .sort((a, b) => a.distance - b.distance || b.trace.started - a.trace.started);
  return related[0]?.trace ?? null;
}

/** Levels of directories between two runs; infinite where neither lies below the other. */
function distanceBetween(a: string, b: string): number {
  const [short, long] = [levels(a), levels(b)].sort((one, other) => one.length - other.length) as [string[], string[]];
  return short.every((level, index) => level === long[index]) ? long.length - short.length : Number.POSITIVE_INFINITY;
}

/** TensorBoard calls the run of the log directory itself ".". */
function levels(run: string): string[] {
  return run === "." ? [] : run.split("/");
}

export interface Choice {
  readonly names: readonly ScalarName[];
  /** Their number without the limit. */
  readonly total: number;
}

/** The scalars of a tag to lay over the shown schedules: theirs, and those that belong to no recorded run. */
export function choose(
  scalars: readonly ScalarName[],
  tag: string,
  traces: readonly Trace[],
  shown: readonly ScheduleRun[],
): Choice {
  const ids = new Set(shown.map(({ trace }) => trace.id));
  const tests = new Set(traces.filter(({ kind }) => kind === "range_test").map(({ run }) => run));
  const rated = scalars
    .filter((scalar) => scalar.tag === tag)
    .map((scalar) => ({ scalar, owner: ownerOf(scalar.run, traces) }));
  const theirs = rated.filter(({ owner }) => owner && ids.has(owner.id));
  const unrelated = rated.filter(({ owner, scalar }) => !owner && !tests.has(scalar.run));
  const names = [theirs, unrelated]
    .flatMap((some) => sortedByName(some, ({ scalar }) => scalar.run))
    .map(({ scalar }) => scalar);
  return { names: names.slice(0, OVERLAYS_AT_MOST), total: names.length };
}

/** `smoothing` is the weight of TensorBoard's moving average. */
export function overlaysOf(
  scalars: readonly Scalar[],
  traces: readonly Trace[],
  shown: readonly ScheduleRun[],
  axis: XAxis,
  smoothing = 0,
): Overlay[] {
  const drawn = new Map<string, number>();
  return scalars.flatMap((scalar) => {
    const run = runOf(scalar, traces, shown);
    const xs = positionsOf(scalar, run?.schedule ?? null, axis);
    if (!xs) return [];
    const lineId = run?.trace.id ?? null;
    // Scalars of no schedule are told apart by their tags alone.
    const line = lineId ?? `of ${scalar.run}`;
    const before = drawn.get(line) ?? 0;
    drawn.set(line, before + 1);
    const { color, dash } = run ?? LOOSE;
    return [overlay(scalar, xs, smoothing, lineId, { color, dash: scalarDash(dash, before) })];
  });
}

/** The style of a scalar that belongs to no schedule. */
const LOOSE: LineStyle = { color: UNRELATED, dash: "" };

function runOf({ run }: Scalar, traces: readonly Trace[], shown: readonly ScheduleRun[]): ScheduleRun | undefined {
  const owner = ownerOf(run, traces);
  return shown.find(({ trace }) => trace.id === owner?.id);
}

/**
 * The positions of the values, NaN for a value without one; null where no recorded training tells them. Keras writes the
 * value of epoch e when that epoch ends, which is e + 1 on an axis of epochs.
 */
export function positionsOf(
  { unit, steps, wallTimes }: Scalar,
  schedule: Schedule | null,
  axis: XAxis,
): Float64Array | null {
  if (axis === "wall") return wallTimes;
  if (axis === "relative") return wallTimes.map((time) => time - (schedule?.wallTime?.[0] ?? wallTimes[0]!));
  const counted = unit === "epoch" ? steps.map((epoch) => epoch + 1) : steps;
  if (unit === axis) return counted;
  if (!schedule?.epoch) return null;
  const [from, to] = axis === "step" ? [schedule.epoch, schedule.step] : [schedule.step, schedule.epoch];
  return counted.map((count) => interpolate(from, to, count));
}

function overlay(
  { run, tag, unit, steps, values }: Scalar,
  xs: Float64Array,
  smoothing: number,
  lineId: string | null,
  { color, dash }: LineStyle,
): Overlay {
  const hasPlace = (_: number, row: number) => Number.isFinite(xs[row]);
  const shown = values.filter(hasPlace);
  return {
    id: `${run}\n${tag}`,
    run,
    tag,
    unit,
    color,
    lineId,
    dash,
    xs: xs.filter(hasPlace),
    values: shown,
    smoothed: smoothing > 0 ? smooth(values, smoothing).filter(hasPlace) : shown,
    steps: steps.filter(hasPlace),
  };
}

/** Sentences about the scalars that are not drawn, or not all of them, on an axis of values of this kind. */
export function missing(
  tag: string,
  { names, total }: Choice,
  loaded: readonly Scalar[],
  drawn: readonly Overlay[],
  axis: XAxis,
  kind: ScaleKind = "linear",
): string[] {
  if (total === 0) return [`None of the shown runs has ${tag}.`];
  const placed = new Set(drawn.map(({ run }) => run));
  const lost = loaded.filter(({ run }) => !placed.has(run)).map(({ run }) => run);
  const other = axis === "step" ? "epochs" : "steps";
  const sunk = kind === "log" && drawn.some(({ values }) => values.some((value) => value <= 0));
  return [
    ...(lost.length > 0
      ? [`${tag} counts ${other}, and no training was recorded that says which ${axis}s those are: ${listNames(lost)}.`]
      : []),
    ...(sunk ? [`A log axis has no place for the values of ${tag} that are not above zero.`] : []),
    ...(total > names.length ? [`${tag} of ${total - names.length} more runs is left out.`] : []),
  ];
}
