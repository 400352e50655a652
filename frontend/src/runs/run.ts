/** The run, as all views have it, and functions of runs and traces. */

import { memoize } from "../base/memoize";
import { formatCount } from "../base/numbers";
import { matchEach } from "../base/regex";
import { formatMoment } from "../base/time";
import type { Probe, Trace } from "../server/types";
import type { Grouped } from "./groups";

/** A trace with everything that the views need to show it. */
export interface Run extends Grouped {
  readonly trace: Trace;
  /** The words that tell it from other traces of its run, as its start; null where nothing must. */
  readonly apart: string | null;
  /** The name of the run, and those words where there are some. */
  readonly label: string;
  /** The values of some settings in which it differs from others; may be empty. */
  readonly facts: string;
  readonly color: string;
  /** An SVG `stroke-dasharray`; empty for a solid line. */
  readonly dash: string;
  readonly isSelected: boolean;
  /** Whether it is the run that others are compared with. */
  readonly isPinned: boolean;
  /** The reason why its rows cannot be read; null where they can. */
  readonly error: string | null;
}

export function isSweep(trace: Trace): boolean {
  return trace.isSweep;
}

/** Whether it is a range test that stands alone. */
export function isTest({ kind, probe }: Trace): boolean {
  return kind === "range_test" && !probe;
}

export function isSchedule({ kind }: Trace): boolean {
  return kind === "training" || kind === "plan";
}

/**
 * The start of a trace, in seconds since the epoch of Unix; null without a readable header, since the server then sends
 * the time of the last write.
 */
export function startOf({ status, started }: Trace): number | null {
  return status === "damaged" || status === "unsupported" ? null : started;
}

/** The runs that "all runs" means: without probes, as long as there are others. */
export function allOf(runs: readonly Run[]): readonly Run[] {
  const others = runs.filter(({ trace }) => !trace.probe);
  return others.length > 0 ? others : runs;
}

/** The runs in their order, but for the pinned one. */
export function pinnedFirst<R extends Run>(runs: readonly R[]): readonly R[] {
  const pinned = runs.filter(({ isPinned }) => isPinned);
  return pinned.length === 0 ? runs : [...new Set([...pinned, ...runs])];
}

export interface Filter {
  readonly matches: (trace: Trace) => boolean;
  /** The reason why the expression cannot be used, in which case everything matches; null for a valid one. */
  readonly error: string | null;
}

/** The texts that a filter is looked for in: the name of the run, its settings, tags and note. */
export const filterTexts = memoize(({ run, settings, tags, note }: Trace): readonly string[] => {
  const set = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return [run, ...set, ...tags, note ?? ""];
});

/** The filter for traces with these texts, which are searched at once. */
export function compileFilter(text: string, texts: readonly string[]): Filter {
  const { matches, problem } = matchEach(text, texts);
  if (problem !== null) return { matches: () => true, error: `${problem}; all runs are listed.` };
  return { matches: (trace) => filterTexts(trace).some((found) => matches.get(found) != null), error: null };
}

/**
 * The words that tell each trace that shares its run with others from them, by id: its start, or the step of a probe, and both
 * where a training came to that step twice.
 */
export function wordsApart(traces: readonly Trace[]): ReadonlyMap<string, string> {
  const alike = Map.groupBy(traces, keyOf);
  return new Map(
    traces.flatMap((trace) => {
      const start = alike.get(keyOf(trace))!.length > 1 ? startOf(trace) : null;
      const words = [
        ...(trace.probe ? [probeName(trace.probe)] : []),
        ...(start === null ? [] : [formatMoment(start)]),
      ];
      return words.length === 0 ? [] : [[trace.id, words.join(" · ")]];
    }),
  );
}

/** The step of a probe, which is its name within its run. */
export function probeName({ step }: Probe): string {
  return `step ${formatCount(step)}`;
}

function keyOf({ run, probe }: Trace): string {
  return `${run}\n${probe?.step}`;
}
