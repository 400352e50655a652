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
  readonly status: Status;
  readonly statusText: string;
  readonly rows: number;
  readonly numSteps: number | null;
  readonly startLr: number | null;
  readonly endLr: number | null;
  readonly optimizer: string | null;
  readonly batchSize: number | null;
  readonly trials: readonly Trial[];
  /** Seconds since the epoch. */
  readonly started: number;
}

/** A way of choosing the rate, as the server offers it. */
export interface Method {
  readonly name: string;
  readonly label: string;
  readonly description: string;
}

export interface TraceList {
  readonly methods: readonly Method[];
  readonly traces: readonly Trace[];
}

/** The rows of a trace, one array per column, all of one length. */
export interface Curve {
  readonly id: string;
  readonly step: Float64Array;
  readonly learningRate: Float64Array;
  /** The column `monitor`: what to draw. */
  readonly values: Float64Array;
  readonly monitor: string;
  readonly mode: Mode;
}

/** In place of a curve: why the trace cannot be read. */
export interface CurveError {
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

export interface Suggestion {
  readonly id: string;
  readonly learningRate: number | null;
  /** The usable band. */
  readonly lower: number | null;
  readonly upper: number | null;
  readonly reason: string;
  /** Null where the method has none. */
  readonly confidence: Confidence | null;
  /** The share of such suggestions that were good in the benchmark. */
  readonly probability: number | null;
  /** What makes it less than sure and what to do; may be empty. */
  readonly doubt: string;
  readonly uses: readonly Use[];
}
