/** What the readout beside the pointer says, before it is drawn. */

/** The row of a line that is nearest to the pointer, and where it is drawn. */
export interface Reading {
  readonly id: string;
  readonly label: string;
  readonly color: string;
  readonly left: number;
  readonly top: number;
  readonly cells: readonly string[];
  readonly step: number;
}

/** Readings of one kind: a table with a head of its own. */
export interface Section {
  readonly head: readonly string[];
  readonly readings: readonly Reading[];
}

export interface Readout {
  readonly name: string;
  readonly value: string;
  readonly sections: readonly Section[];
}

const ROWS_AT_MOST = 10;
/** How far from a line the pointer may be and still be on it, in pixels. */
const NEAR = 10;

export interface Selection {
  readonly sections: readonly Section[];
  /** Null where there is only one. */
  readonly nearest: Reading | null;
  /** How many readings were left out. */
  readonly left: number;
}

/** Of many readings the ones nearest to the pointer's height, in the order in which they came. */
export function nearestReadings(sections: readonly Section[], height: number): Selection {
  const distance = ({ top }: Reading) => (Number.isFinite(top) ? Math.abs(top - height) : Number.POSITIVE_INFINITY);
  const all = sections.flatMap(({ readings }) => readings);
  const byDistance = all.toSorted((a, b) => distance(a) - distance(b));
  const kept = new Set(byDistance.slice(0, ROWS_AT_MOST));
  return {
    sections: sections
      .map(({ head, readings }) => ({ head, readings: readings.filter((reading) => kept.has(reading)) }))
      .filter(({ readings }) => readings.length > 0),
    nearest: all.length > 1 ? byDistance[0]! : null,
    left: all.length - kept.size,
  };
}

/** The reading that the pointer is on; undefined where it is between the lines. */
export function nearReading(readings: readonly Reading[], height: number): Reading | undefined {
  const distance = ({ top }: Reading) => Math.abs(top - height);
  return readings.filter((reading) => distance(reading) <= NEAR).sort((a, b) => distance(a) - distance(b))[0];
}
