/** What the chart draws: plain data, one entry per visible run. */

export type Interval = readonly [number, number];

/** The displayed part of the plane: learning rates by losses. */
export interface Domain {
  readonly x: Interval;
  readonly y: Interval;
}

export interface Mark {
  readonly rate: number;
  /** The usable band, where there is one. */
  readonly band: Interval | null;
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
  readonly step: Float64Array;
  readonly learningRate: Float64Array;
  readonly loss: Float64Array;
  readonly smoothed: Float64Array;
  /** The sweep still to be filled, while the test runs. */
  readonly planned: Interval | null;
  readonly mark: Mark | null;
}
