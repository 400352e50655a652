/** The default domain of the chart of schedules. */

import { quantile } from "../../base/quantile";
import { extentOf, type Interval, padded, placeOf, type ScaleKind, union } from "../scales";
import type { Overlay, ScheduleLine } from "./lines";
import { nearRates, type ProbeLine } from "./probeLines";

const EMPTY_X: Interval = [0, 1];
const EMPTY_RATES: Interval = [1e-4, 1e-2];
const EMPTY_VALUES: Interval = [0.1, 10];
/** The part of the rows whose rates may lie below a log axis: a decay to zero would stretch it without end. */
const BELOW = 0.005;
/** The factor below the lowest rate that a probe found, beyond which rates may leave a log axis. */
const BELOW_FOUND = 10;
/** Room on a log axis, as a part of its decades. */
const LOG_ROOM = 0.08;
const LEAST_DECADES = 0.5;
const LINEAR_ROOM = { below: 0.03, above: 0.1 };
/** Scalars with fewer values than this are shown whole; the outermost 2 % of longer ones do not count. */
const FEW = 50;
const OUTER = 0.02;

/** The extent of all lines, of their probes, and of the scalars that belong to one. */
export function xDomain(
  lines: readonly ScheduleLine[],
  overlays: readonly Overlay[],
  probes: readonly ProbeLine[] = [],
): Interval {
  const related = overlays.filter(({ lineId }) => lineId !== null);
  const [lo, hi] = union([...lines, ...probes, ...related].map(({ xs }) => extentOf(xs))) ?? EMPTY_X;
  return lo < hi ? [lo, hi] : [lo - 0.5, hi + 0.5];
}

/**
 * The extent of the rates that were used, and of those that probes found near them. On a log axis it ends a little below what
 * was found: what a decay to zero does there, nobody looks for.
 */
export function rateDomain(
  lines: readonly ScheduleLine[],
  kind: ScaleKind,
  probes: readonly ProbeLine[] = [],
): Interval {
  const rates = lines.map(({ rates }) => (kind === "log" ? positiveExtent(rates) : extentOf(rates)));
  const used = union(rates) ?? EMPTY_RATES;
  const found = extentOf(Float64Array.from(nearRates(probes, used, kind)));
  const [lo, hi] = union([used, found])!;
  if (kind === "log") return logDomain([found ? Math.max(lo, found[0] / BELOW_FOUND) : lo, hi]);
  const span = hi - Math.min(lo, 0) || 1;
  return [Math.min(lo, 0) - span * LINEAR_ROOM.below, hi + span * LINEAR_ROOM.above];
}

/** Scalars share an axis on which each of them takes at least this part of the height. */
const LEAST_SHARE = 1 / 3;

/** The ranges of the tags that do not share the axis of the first one: there they would be flat, or press it flat. */
export function ownDomains(overlays: readonly Overlay[], kind: ScaleKind): ReadonlyMap<string, Interval> {
  const height = ([lo, hi]: Interval) => placeOf(hi, kind) - placeOf(lo, kind);
  const [first, ...others] = [...Map.groupBy(overlays, ({ tag }) => tag)].map(
    ([tag, some]) => [tag, valueDomain(some, kind)] as const,
  );
  return new Map(
    others.filter(([, own]) => {
      const both = height(union([first![1], own])!);
      return Math.min(height(first![1]), height(own)) < LEAST_SHARE * both;
    }),
  );
}

export function valueDomain(overlays: readonly Overlay[], kind: ScaleKind = "linear"): Interval {
  const hasPlace = (value: number) => Number.isFinite(placeOf(value, kind));
  const values = Float64Array.from(overlays.flatMap((overlay) => [...overlay.values].filter(hasPlace)));
  if (values.length === 0) return kind === "log" ? EMPTY_VALUES : [0, 1];
  const outer = values.length < FEW ? 0 : OUTER;
  const domain: Interval = [quantile(values, outer), quantile(values, 1 - outer)];
  return kind === "log" ? logDomain(domain) : padded(domain);
}

function logDomain([lo, hi]: Interval): Interval {
  const [low, high] = [Math.log10(lo), Math.log10(hi)];
  const room = Math.max(LOG_ROOM * (high - low), (LEAST_DECADES - (high - low)) / 2);
  return [10 ** (low - room), 10 ** (high + room)];
}

function positiveExtent(rates: Float64Array): Interval | null {
  const positive = rates.filter((rate) => rate > 0 && Number.isFinite(rate)).sort();
  if (positive.length === 0) return null;
  return [positive[Math.floor(BELOW * positive.length)]!, positive.at(-1)!];
}
