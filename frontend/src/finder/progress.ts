/** The progress of running tests, and for a while the result of those that ended. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { isShallowEqual, keep } from "../base/equality";
import { describeLeft } from "../base/time";
import { isTest } from "../runs/run";
import type { Trace } from "../server/types";
import type { SweepRun } from "./sweeps";
import { factOf } from "./table";

/** The shortest time to measure a pace over, in seconds. */
const TELLING = 2;
/** The age from which the time for compiling no longer distorts the pace since the start, in seconds. */
const SETTLED = 30;

/** The number of rows at a time. */
interface Moment {
  readonly rows: number;
  /** Seconds since the epoch, by the clock that wrote them. */
  readonly time: number;
}

/** A test that was seen running. */
interface Watched {
  /** The moment at which its first rows were seen; null before. */
  readonly first: Moment | null;
  readonly hasEnded: boolean;
}

export interface ProgressEntry {
  readonly id: string;
  readonly label: string;
  readonly color: string;
  readonly dash: string;
  readonly hasEnded: boolean;
  /** The progress of the test, or how it ended, in words. */
  readonly words: string;
  /** The number in the words with all its digits; empty where there is none. */
  readonly exact: string;
  /** The share of its steps that are done; null where their number is unknown. */
  readonly share: number | null;
  /** The time left, in words; empty while it is unknown. */
  readonly left: string;
}

export class Progress {
  /** The entries, with those of ended tests first: they are the news. */
  readonly entries: ReadonlySignal<readonly ProgressEntry[]>;

  readonly #runs: ReadonlySignal<readonly SweepRun[]>;
  readonly #watched = signal<ReadonlyMap<string, Watched>>(new Map());

  constructor(runs: ReadonlySignal<readonly SweepRun[]>) {
    this.#runs = runs;
    let entries: readonly ProgressEntry[] = [];
    this.entries = computed(() => {
      entries = keep(entries, this.#describe(), ({ id }) => id, isShallowEqual);
      return entries;
    });
  }

  /** Notes which tests run and which have ended; called once the data of the tests are loaded. */
  update(): void {
    const watchedBefore = this.#watched.value;
    const watched = this.#runs.value.flatMap(({ trace }) => {
      const before = watchedBefore.get(trace.id);
      if (isRunningTest(trace)) return [[trace.id, watch(trace, before)] as const];
      return before ? [[trace.id, { ...before, hasEnded: true }] as const] : [];
    });
    this.#watched.value = new Map(watched);
  }

  /** Drops the entry of a test that ended. */
  forget(id: string): void {
    this.#watched.value = new Map([...this.#watched.value].filter(([other]) => other !== id));
  }

  #describe(): ProgressEntry[] {
    const entries = this.#runs.value.flatMap((run) => {
      const watched = this.#watched.value.get(run.trace.id);
      return watched ? [entryOf(run, watched)] : [];
    });
    return entries.sort((a, b) => Number(b.hasEnded) - Number(a.hasEnded));
  }
}

/** The time until a test has made all its steps at its present pace, in seconds; null while it is unknown. */
export function secondsLeft({ rows, numSteps, started, updated }: Trace, first: Moment | null): number | null {
  if (numSteps === null || rows >= numSteps) return null;
  const now = { rows, time: updated };
  const pace = (first && paceOf(first, now, TELLING)) ?? paceOf({ rows: 0, time: started }, now, SETTLED);
  return pace === null ? null : (numSteps - rows) * pace;
}

/**
 * Whether a trace is a range test that runs. The rows of trainings are thinned and do not tell their progress; probes are no
 * news to who trains.
 */
function isRunningTest(trace: Trace): boolean {
  return isTest(trace) && trace.status === "running";
}

function watch({ rows, updated }: Trace, before: Watched | undefined): Watched {
  const first = before && !before.hasEnded ? before.first : null;
  return { first: first ?? (rows > 0 ? { rows, time: updated } : null), hasEnded: false };
}

/** Seconds per row; null without new rows, or over less time than `atLeast`. */
function paceOf(from: Moment, to: Moment, atLeast: number): number | null {
  const [rows, seconds] = [to.rows - from.rows, to.time - from.time];
  return rows > 0 && seconds >= atLeast ? seconds / rows : null;
}

function entryOf(run: SweepRun, { first, hasEnded }: Watched): ProgressEntry {
  const { trace, label, color, dash } = run;
  const shared = { id: trace.id, label, color, dash, hasEnded };
  if (hasEnded) return { ...shared, ...endOf(run), share: null, left: "" };
  const seconds = secondsLeft(trace, first);
  return {
    ...shared,
    words: unended(trace.statusText),
    exact: "",
    share: trace.numSteps && Math.min(trace.rows / trace.numSteps, 1),
    left: seconds === null ? "" : describeLeft(seconds),
  };
}

/** A sentence without its full stop, to stand beside other words. */
function unended(sentence: string): string {
  return sentence.replace(/\.$/, "");
}

function endOf(run: SweepRun): Pick<ProgressEntry, "words" | "exact"> {
  const { trace, suggestion } = run;
  if (trace.status !== "finished") return { words: unended(trace.statusText), exact: "" };
  const rate = factOf(run, "rate");
  if (rate) return { words: `Finished: suggested rate ${rate.text}`, exact: rate.exact };
  return { words: suggestion?.learningRate === null ? "Finished: no rate to suggest" : "Finished", exact: "" };
}
