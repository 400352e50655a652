/** The nouns of the product, as `http_api.md` defines them, in the browser's spelling. */

export const STATUSES = ["running", "finished", "interrupted", "damaged", "unsupported"] as const;
export type Status = (typeof STATUSES)[number];

/** Which values are the better ones: the low or the high. */
export const MODES = ["min", "max"] as const;
export type Mode = (typeof MODES)[number];

/** How far a suggestion can be trusted. */
export const CONFIDENCES = ["sure", "likely", "doubtful"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** What a rate is wanted for. */
export const USES = ["constant", "one_cycle", "cyclical"] as const;
export type UseName = (typeof USES)[number];

/** A short training at one rate, after the sweep. */
export interface Trial {
  readonly learningRate: number;
  readonly steps: number;
  /** The loss it reached; null where it diverged. */
  readonly loss: number | null;
}

/** One recorded run, without its rows. */
export interface Trace {
  readonly id: string;
  readonly run: string;
  readonly session: string;
  readonly kind: string;
  /** Loss against learning rate can be drawn. */
  readonly isSweep: boolean;
  /** Of a training or a plan: what sets the rate. */
  readonly driver: string | null;
  readonly status: Status;
  readonly statusText: string;
  /** One word; empty while it runs. */
  readonly stopReason: string;
  /** What was recorded; empty before the first row. */
  readonly columns: readonly string[];
  /** The column that suggestions are computed from. */
  readonly monitor: string;
  readonly rows: number;
  readonly numSteps: number | null;
  readonly startLr: number | null;
  readonly endLr: number | null;
  readonly optimizer: string | null;
  readonly batchSize: number | null;
  readonly trials: readonly Trial[];
  /** Seconds since the epoch. */
  readonly started: number;
  /** When it was written to last. */
  readonly updated: number;
}

export const POINTS = ["step", "epoch"] as const;
/** Whether a training has a point per recorded step or one per epoch. */
export type Points = (typeof POINTS)[number];

/** A way of choosing the rate, as the server offers it. */
export interface Method {
  readonly name: string;
  readonly label: string;
  readonly description: string;
}

export interface TraceList {
  /** Stands for all that it says: it changes when anything of it does. */
  readonly version: string;
  readonly methods: readonly Method[];
  readonly traces: readonly Trace[];
}

/** Rows of a trace, one array per column, all of one length. */
export interface Curve {
  readonly id: string;
  readonly step: Float64Array;
  readonly learningRate: Float64Array;
  /** The column `column`: what to draw. */
  readonly values: Float64Array;
  /** The moving average of all rows at these; null where these are all, so that it can be computed here. */
  readonly smoothed: Float64Array | null;
  /** Standard deviation over the batches or repeats that a value is the mean of; null where there is none of these values. */
  readonly spread: Float64Array | null;
  readonly column: string;
  readonly mode: Mode;
  /** How many rows there are, these among them. */
  readonly total: number;
  /** Whether these are all of them. */
  readonly isWhole: boolean;
}

/** How steeply a curve rises or falls, per decade of learning rate. */
export interface Slope {
  readonly id: string;
  readonly learningRate: Float64Array;
  readonly slope: Float64Array;
  /** The column whose slope it is. */
  readonly column: string;
  readonly mode: Mode;
}

/** In place of the rows: why the trace cannot be read. */
export interface Unreadable {
  readonly id: string;
  readonly error: string;
}

/** The finding of a suggestion, put for one use. */
export interface Use {
  readonly name: UseName;
  /** Of cyclical rates the upper bound. */
  readonly learningRate: number;
  /** The lower bound of cyclical rates. */
  readonly lower: number | null;
  readonly reason: string;
}

export const SHAPES = ["good", "short", "flat", "noise"] as const;
/** What a curve looks like: fell and turned, cut short, never fell, hidden by noise. */
export interface Shape {
  readonly name: (typeof SHAPES)[number];
  /** What that means and what to do. */
  readonly sentence: string;
}

export interface Suggestion {
  readonly id: string;
  readonly learningRate: number | null;
  /** The usable band. */
  readonly lower: number | null;
  readonly upper: number | null;
  /** The name of the method that found it. */
  readonly method: string;
  readonly reason: string;
  /** Null where the method has none. */
  readonly confidence: Confidence | null;
  /** The share of such suggestions that were good in the benchmark. */
  readonly probability: number | null;
  /** What makes it less than sure and what to do; may be empty. */
  readonly doubt: string;
  readonly uses: readonly Use[];
  /** Null where the curve cannot be analysed. */
  readonly shape: Shape | null;
}

/** Where the rate of a schedule changed, in words. */
export interface Mark {
  readonly step: number;
  readonly text: string;
}

/** The learning rate over the steps of a training or a plan; straight between the rows. */
export interface Schedule {
  readonly id: string;
  readonly step: Float64Array;
  readonly learningRate: Float64Array;
  /** From 0, with its fraction; null where it is not known. */
  readonly epoch: Float64Array | null;
  /** Seconds since the epoch of Unix; null of a plan. */
  readonly wallTime: Float64Array | null;
  readonly marks: readonly Mark[];
}

export const UNITS = ["epoch", "step"] as const;
/** What the steps of a scalar count. */
export type Unit = (typeof UNITS)[number];

/** A scalar that somebody wrote, without its values. */
export interface ScalarName {
  readonly run: string;
  readonly tag: string;
  readonly unit: Unit;
}

export interface Scalar extends ScalarName {
  readonly steps: Float64Array;
  readonly wallTimes: Float64Array;
  /** NaN where the value is not finite. */
  readonly values: Float64Array;
}

interface NamedParameter {
  readonly name: string;
  readonly label: string;
}

export interface NumberParameter extends NamedParameter {
  readonly kind: "number" | "integer";
  readonly default: number;
}

export interface ChoiceParameter extends NamedParameter {
  readonly kind: "choice";
  readonly default: string;
  readonly choices: readonly string[];
}

export type Parameter = NumberParameter | ChoiceParameter;

/** A schedule that can be built from a rate. */
export interface Recipe {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** Which use of a suggestion its rate comes from. */
  readonly use: UseName;
  readonly parameters: readonly Parameter[];
}

/** A recipe carried out: its rates, and the Python that builds it. */
export interface Plan {
  readonly name: string;
  readonly steps: Float64Array;
  readonly learningRates: Float64Array;
  readonly code: string;
}
