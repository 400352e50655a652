/** The nouns of the product, as `http_api.md` defines them, in the browser's spelling. */

export const STATUSES = ["running", "finished", "interrupted", "damaged", "unsupported"] as const;
export type Status = (typeof STATUSES)[number];

/** Which values are the better ones: the low or the high. */
export const MODES = ["min", "max"] as const;
export type Mode = (typeof MODES)[number];

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

export interface Suggestion {
  readonly id: string;
  readonly learningRate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly reason: string;
}
