/** The readout as a sentence, for screen readers. */

import type { Readout, Section } from "./readout";

/** The most runs that a sentence names. */
const RUNS_AT_MOST = 3;
/** Titles of the columns that say where a reading is, not what it is. */
const PLACES: readonly string[] = ["Step", "Epoch", "Edge"];

/** The readings nearest to a height: "learning rate 0.0031: digits/adam 0.42, digits/sgd 0.57, and 7 more". */
export function speechOf({ name, value, sections }: Readout, height: number): string {
  const readings = sections.flatMap((section) => section.readings.map((reading) => ({ section, ...reading })));
  const near = readings.sort((a, b) => distance(a.top, height) - distance(b.top, height)).slice(0, RUNS_AT_MOST);
  const words = near.map(({ label, words, cells, section }) => `${label} ${words ?? cells[saying(section)]}`);
  const more = readings.length - near.length;
  return `${name.toLowerCase()} ${value}: ${[...words, ...(more > 0 ? [`and ${more} more`] : [])].join(", ")}`;
}

/** The last column with a value: the smoothed one, which is drawn in front, where there is a raw one beside it. */
function saying({ head }: Section): number {
  return head.findLastIndex((title) => !PLACES.includes(title));
}

function distance(top: number, height: number): number {
  return Number.isFinite(top) ? Math.abs(top - height) : Number.MAX_VALUE;
}
