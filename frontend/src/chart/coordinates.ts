/** Where values stand along an axis. */

import { once } from "../lib/once";
import { domainOf, type Scale, type ScaleKind } from "./scales";

/** On an axis of this kind equal differences are equal lengths. Not finite where the axis has no place for the value. */
export function placeOf(value: number, kind: ScaleKind): number {
  return kind === "linear" ? value : Math.log10(value);
}

export function valueAtPlace(place: number, kind: ScaleKind): number {
  return kind === "linear" ? place : 10 ** place;
}

/** Logarithms are taken once per column, however often it is zoomed. */
const logs = once((values) => values.map(Math.log10));

export function placesOf(values: Float64Array, kind: ScaleKind): Float64Array {
  return kind === "linear" ? values : logs(values);
}

/** What the scale says of each value, in pixels, but many times faster. */
export function coordinates(values: Float64Array, scale: Scale, kind: ScaleKind): Float64Array {
  const [lo, hi] = domainOf(scale).map((value) => placeOf(value, kind)) as [number, number];
  const [from, to] = scale.range() as [number, number];
  const slope = (to - from) / (hi - lo);
  return placesOf(values, kind).map((place) => from + (place - lo) * slope);
}
