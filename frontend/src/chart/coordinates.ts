/** Where values stand along an axis. */

import { once } from "../base/memoize";
import { placeOf, type Scale, type ScaleKind } from "./scales";

/** Logarithms are taken once per column, however often it is zoomed. */
const logs = once((values: Float64Array) => values.map(Math.log10));

export function placesOf(values: Float64Array, kind: ScaleKind): Float64Array {
  return kind === "linear" ? values : logs(values);
}

/** What the scale says of each value, in pixels, but many times faster. */
export function coordinates(values: Float64Array, { kind, domain, range }: Scale): Float64Array {
  const [lo, hi] = [placeOf(domain[0], kind), placeOf(domain[1], kind)];
  const slope = (range[1] - range[0]) / (hi - lo);
  return placesOf(values, kind).map((place) => range[0] + (place - lo) * slope);
}
