/**
 * The nouns of the product, as `http_api.md` defines them, in the browser's spelling. Each is a decoder, which checks what the
 * server sends, and the type that it yields: a field stands once.
 */

import {
  column,
  count,
  type Decoded,
  key,
  list,
  malformed,
  nullable,
  number,
  object,
  oneOf,
  positive,
  prose,
  record,
  rescued,
  share,
  text,
  time,
  truth,
} from "../base/decoder";
import type { Entry } from "./container";

export const STATUSES = ["running", "finished", "interrupted", "damaged", "unsupported"] as const;
export type Status = (typeof STATUSES)[number];

/** Whether low or high values are the better ones. */
export const MODES = ["min", "max"] as const;
export type Mode = (typeof MODES)[number];

/** Degrees of trust in a suggestion, the best first. */
export const CONFIDENCES = ["sure", "likely", "doubtful"] as const;
export type ConfidenceWord = (typeof CONFIDENCES)[number];

/** The purposes of a rate. */
export const USES = ["constant", "one_cycle", "cyclical"] as const;
export type UseName = (typeof USES)[number];

export const SHAPES = ["good", "short", "late", "twice", "trained", "broke", "flat", "noise"] as const;
/** The shape of a curve, as `http_api.md` explains each. */
export type ShapeName = (typeof SHAPES)[number];

export const UNITS = ["epoch", "step"] as const;
/** The unit in which the steps of a scalar count. */
export type Unit = (typeof UNITS)[number];

export const POINTS = ["step", "epoch"] as const;
/** Whether a training has a point per recorded step or one per epoch. */
export type Points = (typeof POINTS)[number];

const trial = object({
  learningRate: positive,
  steps: count,
  /** The monitored value that it reached; null where it diverged. */
  value: nullable(number),
});
/** A short training at one rate, after the sweep. */
export type Trial = Decoded<typeof trial>;

const setting = (value: unknown, where: string): Setting =>
  typeof value === "string" ? prose(value, where) : typeof value === "boolean" ? value : number(value, where);
/** The value of something that was set. */
export type Setting = number | string | boolean;

const probe = object({
  step: count,
  /** The rate of the training there. */
  learningRate: number,
});
/** The place in a training at which a range test was made. */
export type Probe = Decoded<typeof probe>;

export const trace = object({
  id: key,
  run: prose,
  session: prose,
  kind: text,
  /** Whether loss against learning rate can be drawn. */
  isSweep: truth,
  /** The name of the schedule or callback that sets the rate of a training or a plan; null where none is known. */
  driver: nullable(prose),
  status: oneOf(STATUSES),
  statusText: prose,
  /** One word; empty while it runs. */
  stopReason: prose,
  /** The columns that can be drawn over the learning rate; empty before the first row. */
  values: list(text),
  /** The column that suggestions are computed from. */
  monitor: text,
  /** The method of the suggestion that the test's script printed; null where it says nothing of one. */
  method: nullable(text),
  /** The steps of the training that the test was made for; null where they are not known. */
  totalSteps: nullable(count),
  rows: count,
  numSteps: nullable(count),
  startLr: nullable(number),
  endLr: nullable(number),
  optimizer: nullable(prose),
  batchSize: nullable(number),
  /** `keras`, `pytorch` or `optax`; null where it is not known. */
  framework: nullable(text),
  /** All that was set, by name. */
  settings: record(setting),
  note: nullable(prose),
  tags: list(prose),
  trials: list(trial),
  /** Null of a test that stands alone, and of all that is no test. */
  probe: nullable(probe),
  started: time,
  /** The time of the last write. */
  updated: time,
});
/** One recorded run, without its rows. */
export type Trace = Decoded<typeof trace>;

export const method = object({ name: text, label: text, description: text });
/** A way of choosing the rate, as the server offers it. */
export type Method = Decoded<typeof method>;

export const useLabel = object({ name: oneOf(USES), label: text });
/** A use with its label. */
export type UseLabel = Decoded<typeof useLabel>;

export const shapeGuide = object({ name: oneOf(SHAPES), label: text, sentence: text });
/** A shape with its label, and a sentence about its meaning for a loss and what to do. */
export type ShapeGuide = Decoded<typeof shapeGuide>;

const use = object({
  name: oneOf(USES),
  /** The rate; the upper bound of cyclical rates. */
  learningRate: positive,
  /** The lower bound of cyclical rates. */
  lower: nullable(positive),
  reason: prose,
});
/** A suggestion for one use. */
export type Use = Decoded<typeof use>;

const confidence = object({
  word: oneOf(CONFIDENCES),
  /** The share of such suggestions that were good in the benchmark; null where it is not known. */
  probability: nullable(share),
  /** The reason why it is less than sure; may be empty. */
  doubt: prose,
});
export type Confidence = Decoded<typeof confidence>;

const shape = object({
  name: oneOf(SHAPES),
  /** What the curve shows. */
  sentence: prose,
});

export const suggestion = object({
  id: key,
  learningRate: nullable(positive),
  /** The ends of the usable band. */
  lower: nullable(positive),
  upper: nullable(positive),
  /** The blow-up edge, whatever the method; null where the curve shows none. */
  edge: nullable(positive),
  /** The factor by which the edge lies above the rate. */
  edgeRatio: nullable(number),
  /** The name of the method that found it. */
  method: text,
  reason: prose,
  /** Null where the method has none. */
  confidence: nullable(confidence),
  uses: list(use),
  /** Null where the curve cannot be analysed, or is too short yet. */
  shape: nullable(shape),
  /** The one thing to do before relying on the suggestion; may be empty. */
  advice: prose,
});
export type Suggestion = Decoded<typeof suggestion>;

/** The reason why a trace cannot be read, in place of its rows. */
export interface Unreadable {
  readonly id: string;
  readonly error: string;
}

const curveHeader = object({
  id: text,
  /** The column to draw. */
  column: text,
  mode: oneOf(MODES),
  /** The number of all rows, including those sent. */
  total: count,
  /** Whether all rows are sent. */
  whole: truth,
  /**
   * The lowest value of the smoothed curve before the blow-up, the highest where high ones are better: the upper end of the
   * usable band. Null where the curve cannot be analysed.
   */
  lowest: nullable(object({ learningRate: number, value: number })),
  /** The column with the standard deviation over the batches or repeats that a value is the mean of. */
  spread: nullable(text),
});

export function curve({ fields, where, column }: Entry) {
  const { whole: isWhole, spread, ...header } = curveHeader(fields, where);
  return {
    ...header,
    isWhole,
    step: column("step"),
    learningRate: column("learning_rate"),
    values: column(header.column),
    /** The moving average over all rows, at the rows sent; null where all are sent, since it is then computed here. */
    smoothed: isWhole ? null : column("smoothed"),
    /** Null where the values have none. */
    spread: spread === null ? null : column(spread),
  };
}
/** Rows of a trace, one array per column, all of one length. */
export type Curve = Readonly<ReturnType<typeof curve>>;

const slopeHeader = object({
  id: text,
  /** The column whose slope it is. */
  column: text,
  mode: oneOf(MODES),
});

export function slope({ fields, where, column }: Entry) {
  return { ...slopeHeader(fields, where), learningRate: column("learning_rate"), values: column("slope") };
}
/** The slope of a curve, per decade of learning rate. */
export type Slope = Readonly<ReturnType<typeof slope>>;

const rateChange = object({ step: count, text: prose });
/** A change of the rate of a schedule, in words. */
export type RateChange = Decoded<typeof rateChange>;

const scheduleHeader = object({ id: text, rateChanges: rescued(rateChange, () => []) });

export function schedule({ fields, where, column, optional }: Entry) {
  return {
    ...scheduleHeader(fields, where),
    step: column("step"),
    learningRate: column("learning_rate"),
    /** The epoch from 0, with its fraction; null where it is not known. */
    epoch: optional("epoch"),
    /** Seconds since the epoch of Unix; null for a plan. */
    wallTime: optional("wall_time"),
  };
}
/** The learning rate over the steps of a training or a plan; straight between the rows. */
export type Schedule = Readonly<ReturnType<typeof schedule>>;

const probePoint = object({
  /** The id of the probe's own trace, and its run. */
  id: key,
  run: prose,
  step: count,
  epoch: nullable(number),
  wallTime: time,
  /** The rate of the training there. */
  learningRate: number,
  suggestion: nullable(positive),
  /** The ends of the usable band. */
  lower: nullable(positive),
  upper: nullable(positive),
  /** The blow-up edge. */
  edge: nullable(positive),
  confidence: nullable(oneOf(CONFIDENCES)),
});
/** A range test in the middle of a training, in numbers. */
export type ProbePoint = Decoded<typeof probePoint>;

/** `id` is that of the training. */
export const probes = object({
  id: key,
  /** By step. */
  points: rescued(probePoint, () => []),
  /** What they say of the training's rate. */
  sentences: list(prose),
  /** The reason why they are not known; null where they are. */
  error: nullable(prose),
});
/** The probes of a training. */
export type Probes = Decoded<typeof probes>;

const pair = object({
  /** Ids, and the names of their runs. */
  training: key,
  test: key,
  trainingRun: prose,
  testRun: prose,
  /** The rate that was trained at beside the one that was suggested. */
  sentence: prose,
});
/** A training and the range test that belongs to it. */
export type Pair = Decoded<typeof pair>;

/** `id` is that of a training or a test. */
export const pairs = object({ id: key, pairs: rescued(pair, () => []) });
/** The pairs that a trace is in. */
export type Pairs = Decoded<typeof pairs>;

const relationPoint = object({
  id: key,
  x: setting,
  y: number,
  /** The ends of the usable band. */
  lower: nullable(number),
  upper: nullable(number),
  confidence: nullable(oneOf(CONFIDENCES)),
  /** The value of the setting that tells the groups apart; null where none does. */
  group: nullable(prose),
});
/** The value of one test. */
export type RelationPoint = Decoded<typeof relationPoint>;

const relationGroup = object({
  name: nullable(prose),
  /** By `x`: the number of tests there, and what their values are between. */
  values: list(object({ x: setting, count, median: number, low: number, high: number })),
});
export type RelationGroup = Decoded<typeof relationGroup>;

export const RELATION_VALUES = ["suggestion", "lowest"] as const;
/** What a relation is of: the suggested rate, or the lowest value of the curve. */
export type RelationValue = (typeof RELATION_VALUES)[number];

export const relation = object({
  /** Whether every `x` is a text. */
  kind: oneOf(["number", "word"]),
  points: list(relationPoint),
  groups: list(relationGroup),
  /** What is clear. */
  sentences: list(prose),
  /** The tests without a point. */
  leftOut: list(object({ id: key, reason: prose })),
});
/** A value of several tests against a setting of theirs. */
export type Relation = Decoded<typeof relation>;

const name = { run: text, tag: text, unit: oneOf(UNITS) };
export const scalarName = object(name);
/** A scalar that somebody wrote, without its values. */
export type ScalarName = Decoded<typeof scalarName>;

/** Values are NaN where they are not finite. */
const columns = object({ ...name, steps: column, wallTimes: column, values: column });
export type Scalar = Decoded<typeof columns>;

export function scalar(value: unknown, where: string): Scalar {
  const decoded = columns(value, where);
  const lengths = [decoded.steps, decoded.wallTimes, decoded.values].map(({ length }) => length);
  if (new Set(lengths).size > 1) throw malformed(where, "columns of one length", lengths);
  return decoded;
}

/** The reason why a scalar cannot be read, in place of its values. */
export interface UnreadableScalar extends ScalarName {
  readonly error: string;
}

export const ORIGINS = ["learning_rate", "lower"] as const;
const NUMBERS = ["number", "integer"] as const;
const parameterKind = object({ kind: oneOf([...NUMBERS, "choice"]) });
const named = { name: text, label: text };
const shared = {
  ...named,
  /** What it does, in a sentence. */
  help: text,
  /** The rate of the basis that the default was taken from; null for all other parameters. */
  origin: nullable(oneOf(ORIGINS)),
};
const numberParameter = object({ ...shared, kind: oneOf(NUMBERS), default: number });
const choiceParameter = object({ ...shared, kind: oneOf(["choice"]), default: text, choices: list(text) });

export type Parameter = Decoded<typeof numberParameter> | Decoded<typeof choiceParameter>;

function parameter(value: unknown, where: string): Parameter {
  const { kind } = parameterKind(value, where);
  return kind === "choice" ? choiceParameter(value, where) : numberParameter(value, where);
}

export const recipe = object({
  ...named,
  description: text,
  /** The use of a suggestion that its rate comes from. */
  use: oneOf(USES),
  /** What is usual where a part of the model is pretrained. */
  fineTuning: text,
  parameters: list(parameter),
});
/** A schedule that can be built from a rate. */
export type Recipe = Decoded<typeof recipe>;

/** The steps and rates that the defaults of all recipes follow from; `lower` is the lower bound of cyclical rates. */
export const basis = object({ totalSteps: count, learningRate: number, lower: number });

/** The frameworks that a recipe has code for. */
export const FRAMEWORKS = ["keras", "pytorch"] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export const builtRecipe = object({
  name: text,
  /** Its name and its highest rate, for a legend. */
  label: text,
  steps: column,
  learningRates: column,
  framework: oneOf(FRAMEWORKS),
  code: text,
  /** The distance of the highest rate from the blow-up edge; null where no edge is known. */
  margin: nullable(object({ sentence: text, isAbove: truth })),
});
/** A recipe that was built: its rates, and the Python for it. */
export type BuiltRecipe = Decoded<typeof builtRecipe>;
