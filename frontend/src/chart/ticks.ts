/** Ticks of a log axis, from many decades down to a sliver of one. */

import { range, ticks } from "d3-array";
import type { Interval } from "./series";

const MANTISSAS = [[1, 2, 5], [1, 3], [1]];

/**
 * At most `wanted` ticks: whole decades where there are many, 1-3 or 1-2-5 in few. Inside of one they are evenly spaced
 * and half as many, since their labels are long.
 */
export function logTicks([lo, hi]: Interval, wanted: number): number[] {
  for (const mantissas of MANTISSAS) {
    const found = multiples([lo, hi], mantissas);
    if (found.length < 3) return ticks(lo, hi, Math.max(2, wanted / 2));
    if (found.length <= wanted) return found;
  }
  const decades = multiples([lo, hi], [1]);
  const every = Math.ceil(decades.length / Math.max(1, wanted));
  return decades.filter((_, index) => (decades.length - 1 - index) % every === 0);
}

/** The small marks at 2 … 9 times each decade; none where whole decades stand too close. */
export function minorTicks(domain: Interval, wanted: number): number[] {
  const minor = multiples(domain, range(2, 10));
  return minor.length <= wanted * 10 ? minor : [];
}

function multiples([lo, hi]: Interval, mantissas: readonly number[]): number[] {
  const tolerance = 1e-9;
  return range(Math.floor(Math.log10(lo)), Math.ceil(Math.log10(hi)) + 1)
    .flatMap((exponent) => mantissas.map((mantissa) => Number(`${mantissa}e${exponent}`)))
    .filter((tick) => tick >= lo * (1 - tolerance) && tick <= hi * (1 + tolerance));
}
