/** Zooms as plain data, as an address holds them. */

import { type Decoder, list, malformed, nullable, number, object } from "../base/decoder";
import type { Domain, Interval } from "../chart/scales";
import type { ScheduleZoom } from "../chart/schedule/lines";

const interval: Decoder<Interval> = (value, where) => {
  const [lo, hi] = numbers(value, where);
  if (lo === undefined || hi === undefined || lo >= hi) throw malformed(where, "two ascending numbers", value);
  return [lo, hi];
};
const numbers = list(number);

const domain: Decoder<Domain> = object({ x: interval, y: interval });
const scheduleZoom: Decoder<ScheduleZoom> = object({ x: interval, y: nullable(interval), right: nullable(interval) });

export const readDomain = (value: unknown) => domain(value, "zoom");
export const readScheduleZoom = (value: unknown) => scheduleZoom(value, "zoom");
