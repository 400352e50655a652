/** A run as every view has it: plain functions of plain values. */

import { formatMoment } from "../base/time";
import type { Trace } from "../server/types";

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
  /** Null where runs are not grouped. */
  readonly group: string | null;
  readonly isSelected: boolean;
  /** Why its rows cannot be read. */
  readonly error: string | null;
}

export function isSweep(trace: Trace): boolean {
  return trace.isSweep;
}

export function isSchedule({ kind }: Trace): boolean {
  return kind === "training" || kind === "plan";
}

/** When a trace started; null without a header to tell, where the server knows only when it was last written to. */
export function startOf({ status, started }: Trace): number | null {
  return status === "damaged" || status === "unsupported" ? null : started;
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

/** When a trace started, in words, by id: only where its run has others. */
export function startsOf(traces: readonly Trace[]): ReadonlyMap<string, string> {
  const byRun = Map.groupBy(traces, ({ run }) => run);
  const several = traces.filter(({ run }) => byRun.get(run)!.length > 1);
  return new Map(
    several.flatMap((trace) => {
      const start = startOf(trace);
      return start === null ? [] : [[trace.id, formatMoment(start)]];
    }),
  );
}
