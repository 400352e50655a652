/** What follows from the state: plain functions of plain values. */

import type { Curve, Schedule, Suggestion, Trace, Unreadable, Use } from "./types";

const COLORS = 7;

/** A trace with everything that the views need to show it. */
export interface Run {
  readonly trace: Trace;
  /** When it started, where its run alone does not tell it from the others. */
  readonly start: string | null;
  /** Run and start in one. */
  readonly label: string;
  readonly color: string;
  /** An SVG `stroke-dasharray`; empty for a solid line. */
  readonly dash: string;
  readonly isSelected: boolean;
  /** Why its rows cannot be read. */
  readonly error: string | null;
}

/** A run of the LR Finder view. */
export interface SweepRun extends Run {
  /** Undefined until loaded. */
  readonly curve: Curve | Unreadable | undefined;
  readonly suggestion: Suggestion | undefined;
  /** What the suggestion says for the chosen use; null where it says nothing. */
  readonly use: Use | null;
}

/** A run of the Schedules view. */
export interface ScheduleRun extends Run {
  /** Undefined until loaded, and where it cannot be read. */
  readonly schedule: Schedule | undefined;
}

export function isSweep(trace: Trace): boolean {
  return trace.isSweep;
}

export function isSchedule({ kind }: Trace): boolean {
  return kind === "training" || kind === "plan";
}

/** The palette itself belongs to the theme; a run owns a place in it for as long as the tab is open. */
export function colorAt(index: number): string {
  return `var(--run-${index % COLORS})`;
}

export interface Filter {
  readonly matches: (run: string) => boolean;
  /** Why the expression cannot be used, in words; everything matches then. */
  readonly error: string | null;
}

export function compileFilter(text: string): Filter {
  try {
    const expression = new RegExp(text, "i");
    return { matches: (run) => expression.test(run), error: null };
  } catch {
    return { matches: () => true, error: "This is not a valid regular expression; all runs are listed." };
  }
}

/** When a trace started, in words; null where its run has no other trace. */
export function startOf(trace: Trace, traces: readonly Trace[]): string | null {
  const isAlone = traces.every(({ id, run }) => id === trace.id || run !== trace.run);
  return isAlone ? null : START.format(trace.started * 1000);
}

const START = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
