/** Which changes of the rate are marked. */

import type { Domain, Interval } from "../scales";
import type { RateChange, ScheduleLine } from "./lines";

/** More changes than this are the shape of a line, and no events of it. */
const MARKED_AT_MOST = 20;

/**
 * The lines with those of their changes that are marked where this part of the plane is shown. What happened as planned is
 * marked once, on the line of the training.
 */
export function markedIn({ x, y }: Domain, lines: readonly ScheduleLine[]): ScheduleLine[] {
  const happened = new Set(lines.flatMap(({ isPlan, changes }) => (isPlan ? [] : changes.map(keyOf))));
  return lines.map((line) => {
    const shown = line.changes.filter((change) => isWithin(change.x, x) && isWithin(change.rate, y));
    const own = line.isPlan ? shown.filter((change) => !happened.has(keyOf(change))) : shown;
    return { ...line, changes: own.length > MARKED_AT_MOST ? [] : own };
  });
}

function keyOf({ step, text }: RateChange): string {
  return `${step} ${text}`;
}

function isWithin(value: number, [lo, hi]: Interval): boolean {
  return value >= lo && value <= hi;
}
