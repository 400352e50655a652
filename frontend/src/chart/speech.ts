/** What there is to read at a place, as a sentence. */

import type { Readout, Section } from "./readout";

/** More runs than this nobody listens to. */
const RUNS_AT_MOST = 3;
/** Titles of what says where a reading is, and not what it is. */
const PLACES: readonly string[] = ["Step", "Epoch"];

/** The readings nearest to a height: "learning rate 0.0031: digits/adam 0.42, digits/sgd 0.57, and 7 more". */
export function speechOf({ name, value, sections }: Readout, height: number): string {
  const readings = sections.flatMap((section) => section.readings.map((reading) => ({ section, ...reading })));
  const near = readings.sort((a, b) => distance(a.top, height) - distance(b.top, height)).slice(0, RUNS_AT_MOST);
  const words = near.map(({ label, cells, section }) => `${label} ${cells[saying(section)]}`);
  const more = readings.length - near.length;
  return `${name.toLowerCase()} ${value}: ${[...words, ...(more > 0 ? [`and ${more} more`] : [])].join(", ")}`;
}

/** The last column that says something: of a raw and a smoothed value the one that is drawn in front. */
function saying({ head }: Section): number {
  return head.findLastIndex((title) => !PLACES.includes(title));
}

function distance(top: number, height: number): number {
  return Number.isFinite(top) ? Math.abs(top - height) : Number.MAX_VALUE;
}
