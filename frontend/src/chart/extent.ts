/** How far values reach, and the room around them. */

import type { Interval } from "./scales";

const HEADROOM = 0.12;
const FOOTROOM = 0.06;

export function union(intervals: readonly (Interval | null)[]): Interval | null {
  const known = intervals.filter((interval) => interval !== null);
  if (known.length === 0) return null;
  return [Math.min(...known.map(([lo]) => lo)), Math.max(...known.map(([, hi]) => hi))];
}

export function padded([lo, hi]: Interval): Interval {
  const span = hi - lo || Math.abs(hi) * 0.2 || 1;
  return [lo - span * FOOTROOM, hi + span * HEADROOM];
}
