/** Zooms, as an address holds them. */

import { array, type Decoder, malformed, number, object } from "../api/check";
import type { Domain, Interval } from "../chart/scales";

export function readDomain(value: unknown): Domain {
  const { x, y } = object(value, "zoom");
  return { x: interval(x, "zoom.x"), y: interval(y, "zoom.y") };
}

const interval: Decoder<Interval> = (value, where) => {
  const [lo, hi] = array(value, where, number);
  if (lo === undefined || hi === undefined || lo >= hi) throw malformed(where, "two ascending numbers", value);
  return [lo, hi];
};
