/** The rate changes that are drawn as dots: few enough to be events, and those in view. */

import type { Domain, Interval } from "../scales";
import type { RateChange, ScheduleLine } from "./lines";

/** More rate changes than this are the shape of a line rather than events. */
const DRAWN_AT_MOST = 20;

/**
 * The lines with only the rate changes to draw in this part of the plane. A change that happened as planned stays on the
 * line of the training alone.
 */
export function withRateChangesIn({ x, y }: Domain, lines: readonly ScheduleLine[]): ScheduleLine[] {
  const happened = new Set(lines.flatMap(({ isPlan, rateChanges }) => (isPlan ? [] : rateChanges.map(keyOf))));
  return lines.map((line) => {
    const shown = line.rateChanges.filter((change) => isWithin(change.x, x) && isWithin(change.rate, y));
    const own = line.isPlan ? shown.filter((change) => !happened.has(keyOf(change))) : shown;
    return { ...line, rateChanges: own.length > DRAWN_AT_MOST ? [] : own };
  });
}

function keyOf({ step, text }: RateChange): string {
  return `${step} ${text}`;
}

function isWithin(value: number, [lo, hi]: Interval): boolean {
  return value >= lo && value <= hi;
}
