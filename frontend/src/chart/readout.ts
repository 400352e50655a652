/** The form of the readout. `sweep/readout.ts` and `schedule/readout.ts` have its texts, `Tooltip.tsx` draws it. */

import type { LineStyle } from "./palette";
import type { Point } from "./zoom";

/** The row of a line that is nearest to the pointer, and its coordinates. */
export interface Reading extends LineStyle {
  readonly id: string;
  readonly label: string;
  readonly left: number;
  readonly top: number;
  readonly cells: readonly string[];
  readonly step: number;
  /** What is said of it; without it, its value. */
  readonly words?: string;
}

/** Readings of one kind: a table with a head of its own. */
export interface Section {
  /** The title of the names; "Run" by default. */
  readonly name?: string;
  readonly head: readonly string[];
  readonly readings: readonly Reading[];
}

export interface Readout {
  readonly name: string;
  readonly value: string;
  readonly sections: readonly Section[];
}

const ROWS_AT_MOST = 10;
/** The distance within which the pointer is at a line, in pixels. */
const REACH = 24;

export interface Selection {
  readonly sections: readonly Section[];
  /** Null where there is only one. */
  readonly nearest: Reading | null;
  /** The number of readings that were left out. */
  readonly left: number;
}

/** The readings nearest to the pointer's height, in their given order, where there are too many for all. */
export function nearestReadings(sections: readonly Section[], height: number): Selection {
  const distance = ({ top }: Reading) => (Number.isFinite(top) ? Math.abs(top - height) : Number.POSITIVE_INFINITY);
  const all = sections.flatMap(({ readings }) => readings);
  const byDistance = all.toSorted((a, b) => distance(a) - distance(b));
  const nearest = new Set(byDistance.slice(0, ROWS_AT_MOST));
  return {
    sections: sections
      .map(({ readings, ...section }) => ({ ...section, readings: readings.filter((reading) => nearest.has(reading)) }))
      .filter(({ readings }) => readings.length > 0),
    nearest: all.length > 1 ? byDistance[0]! : null,
    left: all.length - nearest.size,
  };
}

/** The line that the pointer is at; null where it is at none. */
export function lineAt({ sections }: Readout, [x, y]: Point): string | null {
  const distances = sections.flatMap(({ readings }) =>
    readings.map(({ id, left, top }) => ({ id, distance: Math.hypot(left - x, top - y) })),
  );
  const reached = distances.filter(({ distance }) => distance <= REACH);
  return reached.sort((a, b) => a.distance - b.distance)[0]?.id ?? null;
}
