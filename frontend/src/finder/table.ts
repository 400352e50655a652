/** The columns of the table of runs: their titles, and the cell of a run in each. `suggestions/` draws the table. */

import { common } from "../base/lists";
import { formatCount, formatNumber, formatRate } from "../base/numbers";
import { formatMoment } from "../base/time";
import { differing, settingOf, settingText, settingTitle } from "../runs/differing";
import { startOf } from "../runs/run";
import { CONFIDENCES, type ConfidenceWord, type Curve, type Setting, type Suggestion } from "../server/types";
import type { SweepRun } from "./sweeps";

const DIGITS = 3;

/** The cell of a run in a column. */
export interface Fact {
  /** The sort key. */
  readonly value: Setting;
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

/** The columns in their order; settings follow the run. */
const TABLE = {
  run: { title: "Run", fact: ({ label }) => words(label) },
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

const COLUMNS = Object.keys(TABLE) as readonly (keyof typeof TABLE)[];
const SETTING = "settings.";
/** The most settings that have room in the table beside all other columns. */
const SETTINGS_AT_MOST = 3;

/** One of those above, or a setting. */
export type ColumnName = keyof typeof TABLE | `${typeof SETTING}${string}`;

function isSetting(column: ColumnName): column is `${typeof SETTING}${string}` {
  return column.startsWith(SETTING);
}

/** The column as it is: a setting has one of its own. */
function columnOf(column: ColumnName): Column {
  if (!isSetting(column)) return TABLE[column];
  const name = column.slice(SETTING.length);
  return { title: settingTitle(name), fact: ({ trace }) => chosen(settingOf(trace, name)) };
}

export function factOf(run: SweepRun, column: ColumnName): Fact | null {
  return columnOf(column).fact(run);
}

/** The title of each column. */
export type Titles = ReadonlyMap<ColumnName, string>;

export function titlesOf(columns: readonly ColumnName[], names: Names): Titles {
  return new Map(
    columns.map((column) => {
      const { title } = columnOf(column);
      return [column, typeof title === "string" ? title : title(names)];
    }),
  );
}

/**
 * The columns in which some run has a value, and always the rate: its absence is worth knowing. The method of all runs stands
 * above the chart, and has a column only where there are several; a setting where it differs.
 */
export function columnsOf(runs: readonly SweepRun[]): ColumnName[] {
  const [run, ...others] = COLUMNS.filter((column) => {
    if (column === "run" || column === "rate") return true;
    const values = new Set(runs.flatMap((run) => factOf(run, column)?.value ?? []));
    return values.size > (column === "method" ? 1 : 0);
  });
  const settings = differing(runs.map(({ trace }) => trace)).map((name) => `${SETTING}${name}` as const);
  return [run!, ...settings, ...others];
}

/** The columns without the settings that the table has no room for. */
export function fitting(columns: readonly ColumnName[]): readonly ColumnName[] {
  const spare = new Set(columns.filter(isSetting).slice(SETTINGS_AT_MOST));
  return columns.filter((column) => !(spare as ReadonlySet<string>).has(column));
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

function chosen(value: Setting | null): Fact | null {
  return value === null ? null : { value, text: settingText(value), exact: String(value) };
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
