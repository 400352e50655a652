/** What the chart of sweeps draws: plain data, one entry per visible run. */

import { formatRate } from "../lib/format";
import type { Mode, Trial } from "../model/types";
import type { Interval } from "./scales";

/** The suggested rate; of cyclical rates the upper bound, with the lower one beside it. */
export interface Mark {
  readonly rate: number;
  readonly lower: number | null;
}

/** The suggested rates in all their digits. */
export function exactly({ rate, lower }: Mark): string {
  return lower === null ? String(rate) : `${lower} to ${rate}`;
}

/** The suggested rates as they are read: 0.0031, or 9e-4 – 0.0094. */
export function markText({ rate, lower }: Mark): string {
  return lower === null ? formatRate(rate) : `${formatRate(lower)} – ${formatRate(rate)}`;
}

/** What a part of a run is styled by: it fades while another run (`front`) is put forward. */
export function classOf(part: string, id: string, front: string | null): string {
  return front === null || front === id ? part : `${part} faded`;
}

export interface Series {
  readonly id: string;
  readonly label: string;
  /** Any CSS colour, a variable included. */
  readonly color: string;
  /** An SVG `stroke-dasharray`; empty for a solid line. */
  readonly dash: string;
  readonly step: Float64Array;
  readonly learningRate: Float64Array;
  readonly values: Float64Array;
  /** What the values are. */
  readonly column: string;
  readonly mode: Mode;
  readonly smoothed: Float64Array;
  /** The sweep still to be filled, while the test runs. */
  readonly planned: Interval | null;
  readonly mark: Mark | null;
  /** The usable band, where there is one. */
  readonly band: Interval | null;
  /** Short trainings whose loss is on the axis of the values. */
  readonly trials: readonly Trial[];
}

/** What the axis of the values is called: what all runs show, or "value" where they show different things. */
export function valueName(series: readonly Series[]): string {
  const [name, ...others] = new Set(series.map(({ column }) => column));
  return name === undefined || others.length > 0 ? "value" : name;
}
