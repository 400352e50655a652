/** Positions of ticks: on a log axis, from many decades down to a sliver of one, and on an axis of time. */

import { DAY } from "../base/time";
import type { Interval } from "./scales";

const MANTISSAS = [[1, 2, 5], [1, 3], [1]];
const MINOR = [2, 3, 4, 5, 6, 7, 8, 9];
/** Seconds, minutes and hours between ticks of time, all in seconds. */
const TIME_STEPS = [
  [1, 2, 5, 10, 15, 30],
  [60, 120, 300, 600, 900, 1800],
  [3600, 7200, 10800, 21600, 43200, DAY],
].flat();

/**
 * At most `most` ticks: whole decades where there are many, 1-3 or 1-2-5 in few. Inside of one decade they are evenly
 * spaced and half as many, since their labels are long.
 */
export function logTicks(domain: Interval, most: number): number[] {
  const rounds = MANTISSAS.map((mantissas) => multiples(domain, mantissas));
  if (rounds[0]!.length < 3) return evenTicks(domain, most / 2);
  const telling = rounds.filter(({ length }) => length >= 2);
  return telling.find(({ length }) => length <= most) ?? thinned(telling.at(-1)!, most);
}

/** Every n-th tick, so that `most` are left at most; the last one stays. */
export function thinned(ticks: readonly number[], most: number): number[] {
  const every = Math.ceil(ticks.length / Math.max(1, most));
  return ticks.filter((_, index) => (ticks.length - 1 - index) % every === 0);
}

/** The minor ticks at 2 … 9 times each decade; none where whole decades stand too close. */
export function minorTicks(domain: Interval, most: number): number[] {
  const minor = multiples(domain, MINOR);
  return minor.length <= most * 10 ? minor : [];
}

/** Round times, at least two; `offset` is the lead of the local time over UTC, in seconds, for clock times. */
export function timeTicks([lo, hi]: Interval, most: number, offset = 0): number[] {
  const least = (hi - lo) / Math.max(2, most);
  if (least < 0.5) return evenTicks([lo, hi], most);
  const every = (step: number) =>
    integers(Math.ceil((lo + offset) / step), Math.floor((hi + offset) / step + 1e-6)).map((n) => n * step - offset);
  const index = TIME_STEPS.findIndex((seconds) => seconds >= least);
  if (index < 0) return every(Math.ceil(least / DAY) * DAY);
  const times = every(TIME_STEPS[index]!);
  return times.length < 2 && index > 0 ? every(TIME_STEPS[index - 1]!) : times;
}

/** Even ticks, one more than `most` at most, for labels that grow long. */
export function fewTicks(domain: Interval, most: number): number[] {
  for (let count = most; count > 2; count--) {
    const even = evenTicks(domain, count);
    if (even.length <= most + 1) return even;
  }
  return evenTicks(domain, 2);
}

/** About `count` ticks, at least for 2: multiples of 1, 2 or 5 times a power of ten, as D3 has them. */
export function evenTicks([lo, hi]: Interval, count: number): number[] {
  const rough = (hi - lo) / Math.max(2, count);
  const exponent = Math.floor(Math.log10(rough));
  const size = rough / 10 ** exponent;
  const part = size >= Math.sqrt(50) ? 10 : size >= Math.sqrt(10) ? 5 : size >= Math.SQRT2 ? 2 : 1;
  // A quotient of whole numbers is exact to the last digit, a multiple of 0.1 is not.
  const [times, over] = [part * 10 ** Math.max(exponent, 0), 10 ** Math.max(-exponent, 0)];
  return integers(Math.round((lo * over) / times), Math.round((hi * over) / times))
    .map((n) => (n * times) / over)
    .filter((tick) => tick >= lo && tick <= hi);
}

function multiples([lo, hi]: Interval, mantissas: readonly number[]): number[] {
  const tolerance = 1e-9;
  return integers(Math.floor(Math.log10(lo)), Math.ceil(Math.log10(hi)))
    .flatMap((exponent) => mantissas.map((mantissa) => Number(`${mantissa}e${exponent}`)))
    .filter((tick) => tick >= lo * (1 - tolerance) && tick <= hi * (1 + tolerance));
}

/** The whole numbers between two of them, with both. */
function integers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
