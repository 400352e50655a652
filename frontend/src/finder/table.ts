/** What the table of runs compares: one column per fact. */

import { formatCount, formatNumber, formatRate } from "../base/numbers";
import { formatMoment } from "../base/time";
import { startOf } from "../runs/run";
import { CONFIDENCES, type Confidence, type Curve, type UseName } from "../server/types";
import { type Best, bestOf } from "./recorded";
import type { SweepRun } from "./sweeps";
import { USE_LABELS } from "./uses";

const DIGITS = 3;

/** What a run has in a column. */
export interface Fact {
  /** What it is sorted by. */
  readonly value: number | string;
  /** As it is read. */
  readonly text: string;
  /** All of it, to look at more closely and to copy. */
  readonly exact: string;
}

/** By column, in their order; null where nothing is known. */
const FACTS = {
  run: ({ label }) => words(label),
  optimizer: ({ trace }) => words(trace.optimizer),
  batch: ({ trace }) => number(trace.batchSize, formatCount),
  rate: ({ use }) => use && rates(use.lower, use.learningRate),
  band: ({ suggestion }) => (suggestion?.lower == null ? null : rates(suggestion.lower, suggestion.upper)),
  confidence: ({ suggestion }) => graded(suggestion?.confidence),
  best: (run) => number(best(run)?.value, (value) => formatNumber(value, DIGITS)),
  at: (run) => number(best(run)?.learningRate, formatRate),
  ended: ({ trace }) => words(trace.stopReason.replaceAll("_", " ") || trace.status, trace.statusText),
  steps: (run) => number(stepsOf(run), formatCount),
  method: ({ method }) => words(method),
  started: ({ trace }) => moment(startOf(trace)),
} satisfies Record<string, (run: SweepRun) => Fact | null>;

export type ColumnName = keyof typeof FACTS;
/** What the columns are called. */
export type Titles = Readonly<Record<ColumnName, string>>;
export const COLUMNS = Object.keys(FACTS) as readonly ColumnName[];

export function factOf(run: SweepRun, column: ColumnName): Fact | null {
  return FACTS[column](run);
}

/** `best`: what the best values are called. */
export function titlesOf(best: string, use: UseName): Titles {
  return {
    run: "Run",
    optimizer: "Optimizer",
    batch: "Batch size",
    rate: USE_LABELS[use],
    band: "Usable band",
    confidence: "Confidence",
    best,
    at: "At rate",
    ended: "Ended",
    steps: "Steps",
    method: "Method",
    started: "Started",
  };
}

/** The columns in which any of the runs has something, and the rate: that there is none is worth knowing. */
export function columnsOf(runs: readonly SweepRun[]): ColumnName[] {
  return COLUMNS.filter((column) => column === "rate" || runs.some((run) => factOf(run, column) !== null));
}

/** What the best values of the runs are called: lowest loss, highest accuracy. */
export function bestName(runs: readonly SweepRun[]): string {
  const names = new Set(
    runs.flatMap(({ curve }) =>
      isCurve(curve) ? `${curve.mode === "max" ? "Highest" : "Lowest"} ${curve.column}` : [],
    ),
  );
  const [name, ...others] = names;
  return name === undefined || others.length > 0 ? "Best value" : name;
}

function isCurve(curve: SweepRun["curve"]): curve is Curve {
  return curve !== undefined && "values" in curve;
}

function best({ curve }: SweepRun): Best | null {
  return isCurve(curve) ? bestOf(curve) : null;
}

/** Trainings are recorded thinned: their rows do not count steps. */
function stepsOf({ trace: { kind, rows }, curve }: SweepRun): number | null {
  if (kind === "range_test") return rows || null;
  const last = isCurve(curve) ? curve.step.at(-1) : undefined;
  return last === undefined ? null : last + 1;
}

function words(text: string | null, exact = text): Fact | null {
  return text === null ? null : { value: text, text, exact: exact! };
}

function number(value: number | null | undefined, format: (value: number) => string): Fact | null {
  return value == null ? null : { value, text: format(value), exact: String(value) };
}

/** One rate, or two ends. */
function rates(lower: number | null, upper: number | null): Fact | null {
  if (upper === null) return null;
  const known = [lower, upper].filter((rate) => rate !== null);
  return { value: upper, text: known.map(formatRate).join(" to "), exact: known.join(", ") };
}

function graded(confidence: Confidence | null | undefined): Fact | null {
  return confidence ? { value: -CONFIDENCES.indexOf(confidence), text: confidence, exact: confidence } : null;
}

function moment(time: number | null): Fact | null {
  return time === null ? null : { value: time, text: formatMoment(time), exact: new Date(time * 1000).toISOString() };
}
