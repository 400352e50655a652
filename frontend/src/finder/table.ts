/** The columns of the table of runs: their titles, and the cell of a run in each. `suggestions/` draws the table. */

import { common } from "../base/lists";
import { formatCount, formatNumber, formatRate } from "../base/numbers";
import { formatMoment } from "../base/time";
import { startOf } from "../runs/run";
import { CONFIDENCES, type ConfidenceWord, type Curve, type Suggestion } from "../server/types";
import type { SweepRun } from "./sweeps";

const DIGITS = 3;

/** The cell of a run in a column. */
export interface Fact {
  /** The sort key. */
  readonly value: number | string;
  /** The short form, to read. */
  readonly text: string;
  /** The exact form, to look at more closely and to copy. */
  readonly exact: string;
}

/** The parts of titles that depend on what is shown. */
export interface Names {
  /** The title of the lowest values, or of the highest where these are better. */
  readonly lowest: string;
  /** The label of the chosen use. */
  readonly use: string;
}

interface Column {
  readonly title: string | ((names: Names) => string);
  /** The cell; null for an empty one. */
  readonly fact: (run: SweepRun) => Fact | null;
}

/** The columns in their order. */
const TABLE = {
  run: { title: "Run", fact: ({ label }) => words(label) },
  optimizer: { title: "Optimizer", fact: ({ trace }) => words(trace.optimizer) },
  batch: { title: "Batch size", fact: ({ trace }) => number(trace.batchSize, formatCount) },
  rate: { title: ({ use }) => use, fact: ({ use }) => use && rates(use.lower, use.learningRate) },
  band: {
    title: "Usable band",
    fact: ({ suggestion }) => (suggestion?.lower == null ? null : rates(suggestion.lower, suggestion.upper)),
  },
  edge: { title: "Blow-up edge", fact: ({ suggestion }) => distance(suggestion) },
  confidence: { title: "Confidence", fact: ({ suggestion }) => graded(suggestion?.confidence?.word) },
  lowest: {
    title: ({ lowest }) => lowest,
    fact: (run) => number(lowestOf(run)?.value, (value) => formatNumber(value, DIGITS)),
  },
  at: { title: "At rate", fact: (run) => number(lowestOf(run)?.learningRate, formatRate) },
  training: { title: "Training's rate", fact: ({ trace }) => number(trace.probe?.learningRate, formatRate) },
  ended: {
    title: "Ended",
    fact: ({ trace }) => words(trace.stopReason.replaceAll("_", " ") || trace.status, trace.statusText),
  },
  steps: { title: "Steps", fact: (run) => number(stepsOf(run), formatCount) },
  method: { title: "Method", fact: ({ method }) => words(method) },
  started: { title: "Started", fact: ({ trace }) => moment(startOf(trace)) },
} satisfies Readonly<Record<string, Column>>;

export type ColumnName = keyof typeof TABLE;
export const COLUMNS = Object.keys(TABLE) as readonly ColumnName[];

export function factOf(run: SweepRun, column: ColumnName): Fact | null {
  return TABLE[column].fact(run);
}

/** The title of each column. */
export type Titles = Readonly<Record<ColumnName, string>>;

export function titlesOf(names: Names): Titles {
  const titles = COLUMNS.map((column) => {
    const { title }: Column = TABLE[column];
    return [column, typeof title === "string" ? title : title(names)] as const;
  });
  return Object.fromEntries(titles) as Titles;
}

/**
 * The columns in which some run has a value, and always the rate: its absence is worth knowing. The method of all runs stands
 * above the chart, and has a column only where there are several.
 */
export function columnsOf(runs: readonly SweepRun[]): ColumnName[] {
  return COLUMNS.filter((column) => {
    if (column === "rate") return true;
    const values = new Set(runs.flatMap((run) => factOf(run, column)?.value ?? []));
    return values.size > (column === "method" ? 1 : 0);
  });
}

/** The title of the lowest values of the runs: lowest loss, highest accuracy. */
export function lowestName(runs: readonly SweepRun[]): string {
  const curves = runs.map(({ curve }) => curve).filter(isCurve);
  return (
    common(curves.map(({ mode, column }) => `${mode === "max" ? "Highest" : "Lowest"} ${column}, smoothed`)) ??
    "Best value"
  );
}

function isCurve(curve: SweepRun["curve"]): curve is Curve {
  return curve !== undefined && "values" in curve;
}

function lowestOf({ curve }: SweepRun): Curve["lowest"] {
  return isCurve(curve) ? curve.lowest : null;
}

/** The number of steps. The rows of trainings are thinned, so there the last step counts. */
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

/** A cell with one rate, or with the two ends of a range. */
function rates(lower: number | null, upper: number | null): Fact | null {
  if (upper === null) return null;
  const ends = [lower, upper].filter((rate) => rate !== null);
  return { value: upper, text: ends.map(formatRate).join(" to "), exact: ends.join(", ") };
}

/** The blow-up edge, and how far above the suggestion it lies. */
function distance({ edge, edgeRatio }: Partial<Suggestion> = {}): Fact | null {
  const times = edgeRatio == null ? "" : ` (${formatNumber(edgeRatio, 2)}×)`;
  return number(edge, (rate) => formatRate(rate) + times);
}

function graded(confidence: ConfidenceWord | null | undefined): Fact | null {
  return confidence ? { value: -CONFIDENCES.indexOf(confidence), text: confidence, exact: confidence } : null;
}

function moment(time: number | null): Fact | null {
  return time === null ? null : { value: time, text: formatMoment(time), exact: new Date(time * 1000).toISOString() };
}
