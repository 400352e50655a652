/** Zooms as plain data, as an address holds them. */

import { array, type Decoder, malformed, nullable, number, object } from "../base/decoder";
import type { Domain, Interval } from "../chart/scales";
import type { ScheduleZoom } from "../chart/schedule/lines";

export function readDomain(value: unknown): Domain {
  const { x, y } = object(value, "zoom");
  return { x: interval(x, "zoom.x"), y: interval(y, "zoom.y") };
}

export function readScheduleZoom(value: unknown): ScheduleZoom {
  const { x, y, right } = object(value, "zoom");
  return {
    x: interval(x, "zoom.x"),
    y: nullable(interval, y, "zoom.y"),
    right: nullable(interval, right, "zoom.right"),
  };
}

const interval: Decoder<Interval> = (value, where) => {
  const [lo, hi] = array(value, where, number);
  if (lo === undefined || hi === undefined || lo >= hi) throw malformed(where, "two ascending numbers", value);
  return [lo, hi];
};
