/** Which part of the plane of sweeps is shown before anybody zooms: the whole sweep, and its best without the diverged tail. */

import { max, min, quantile } from "d3-array";
import { smooth } from "../lib/smoothing";
import { type Extent, padded, union } from "./extent";
import type { Domain, Interval } from "./scales";
import type { Series } from "./series";

const EMPTY: Domain = { x: [1e-7, 10], y: [0, 1] };
/** TensorBoard's default smoothing. */
const WEIGHT = 0.6;
/** Rows a descent needs before its height says anything. */
const SHORT_DESCENT = 5;
/** Heights of the curves that the view may reach below them, for the trials: more would press the curves flat. */
const TRIAL_REACH = 3;

const cache = new WeakMap<Float64Array, Extent>();

export function defaultDomain(series: readonly Series[]): Domain {
  const extents = series.map(extentOf);
  const plans = series.map(({ planned }) => planned);
  return {
    x: widened(union([...extents.map(({ x }) => x), ...plans]) ?? EMPTY.x),
    y: padded(lowered(union(extents.map(({ y }) => y)) ?? EMPTY.y, series)),
  };
}

/** Down to the lowest trial in reach: a short training at one rate gets lower than the sweep, which only passes it. */
function lowered([lo, hi]: Interval, series: readonly Series[]): Interval {
  const floor = lo - TRIAL_REACH * (hi - lo);
  const losses = series.flatMap(({ trials }) => trials.flatMap(({ loss }) => loss ?? []));
  return [Math.min(lo, ...losses.filter((loss) => loss >= floor)), hi];
}

/** Depends on the recorded rows alone, so that the frame stands still while the smoothing changes. */
function extentOf({ learningRate, values, mode }: Series): Extent {
  const known = cache.get(values);
  if (known) return known;
  const rates = learningRate.filter((rate) => rate > 0 && Number.isFinite(rate));
  const x: Interval | null = rates.length > 0 ? [min(rates)!, max(rates)!] : null;
  const extent = { x, y: mode === "max" ? peak(values) : valley(values) };
  cache.set(values, extent);
  return extent;
}

/** As `valley`, of values that are better the higher. */
function peak(values: Float64Array): Interval | null {
  const mirrored = valley(values.map((value) => -value));
  return mirrored && [-mirrored[1], -mirrored[0]];
}

/**
 * The values from the start of the sweep down to its lowest smoothed point, without the outermost raw ones. What comes
 * after the minimum only diverges, so it may leave the chart; a curve that rises from the start shows its lower half.
 */
function valley(values: Float64Array): Interval | null {
  const smoothed = smooth(values, WEIGHT);
  const lowest = min(smoothed.filter(Number.isFinite));
  if (lowest === undefined) return null;
  const end = smoothed.indexOf(lowest) + 1;
  const descent = values.subarray(0, end).filter(Number.isFinite);
  if (descent.length < SHORT_DESCENT) return [lowest, quantile(smoothed.filter(Number.isFinite), 0.5)!];
  return [Math.min(lowest, quantile(descent, 0.02)!), Math.max(lowest, quantile(descent, 0.98)!)];
}

function widened([lo, hi]: Interval): Interval {
  return lo < hi ? [lo, hi] : [lo / 2, hi * 2];
}
