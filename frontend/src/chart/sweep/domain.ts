/** The default domain of the chart of sweeps: all rates, and the best values without the diverged tail. */

import { memoize } from "../../base/memoize";
import { clamp } from "../../base/numbers";
import { quantile } from "../../base/quantile";
import { smooth } from "../../base/smoothing";
import type { Mode } from "../../server/types";
import {
  type Domain,
  extentOf,
  type Interval,
  padded,
  placeOf,
  placesOf,
  type ScaleKind,
  union,
  valueAtPlace,
} from "../scales";
import type { Series } from "./series";
import { type SweepStyle, USUAL_STYLE } from "./style";

const NO_RATES: Interval = [1e-7, 10];
/** The domain of values without any, as positions on a log or a linear axis. */
const NO_VALUES: Interval = [0, 1];
/** TensorBoard's default smoothing. */
const WEIGHT = 0.6;
/** The fewest rows of a descent whose height says anything. */
const SHORT_DESCENT = 5;
/** Heights of the curves that the view may reach beyond them, for the trials: more would press the curves flat. */
const TRIAL_REACH = 3;
/**
 * The height of a rise that is shown of a slope, as a part of the depth of its fall: it is enough to see that it rises.
 */
const RISE = 0.5;
/** The outermost positions that differ from infinity. */
const FARTHEST = { log: 300, linear: 1e300 };

/**
 * The default domain. It depends on the recorded rows alone, so that the frame stands still while the smoothing changes.
 */
export function defaultDomain(series: readonly Series[], { kinds, isTailIgnored }: SweepStyle = USUAL_STYLE): Domain {
  const heights = series.map((entry) => {
    const places = placesOf(entry.overview.values, kinds.y);
    return isTailIgnored ? bestOf(entry)(places) : SPANS.linear(places);
  });
  const [lo, hi] = padded(withTrials(union(heights) ?? NO_VALUES, series, kinds.y)).map((place) => {
    const farthest = FARTHEST[kinds.y];
    return valueAtPlace(clamp(place, -farthest, farthest), kinds.y);
  }) as [number, number];
  // Nearly all of a sweep is its tail on a linear axis.
  const isCut = isTailIgnored && kinds.x === "linear";
  return { x: across(series, kinds.x, isCut ? [lo, hi] : null), y: [lo, hi] };
}

/** The rates up to the last one with a value in view; all where no view is given. */
function across(series: readonly Series[], kind: ScaleKind, view: Interval | null): Interval {
  const rates = series.map(({ overview: { learningRate, values } }) => {
    if (view === null) return SPANS[kind](learningRate);
    const last = values.findLastIndex((value) => value >= view[0] && value <= view[1]);
    return extentOf(learningRate.subarray(0, last + 1));
  });
  const [lo, hi] = union([...rates, ...series.map(({ planned }) => planned)]) ?? NO_RATES;
  if (lo < hi) return [lo, hi];
  return lo > 0 ? [lo / 2, hi * 2] : NO_RATES;
}

const SPANS = {
  log: memoize((rates: Float64Array) => extentOf(rates.filter((rate) => rate > 0))),
  linear: memoize(extentOf),
};

/** The interval with the best trial in reach: a training at one rate gets better than the sweep, which only passes it. */
function withTrials([lo, hi]: Interval, series: readonly Series[], kind: ScaleKind): Interval {
  const reach = TRIAL_REACH * (hi - lo);
  const placesBy = (wanted: Mode) =>
    series
      .flatMap(({ mode, trials }) => (mode === wanted ? trials : []))
      .flatMap(({ value }) => (value === null ? [] : placeOf(value, kind)));
  return [
    Math.min(lo, ...placesBy("min").filter((place) => place >= lo - reach)),
    Math.max(hi, ...placesBy("max").filter((place) => place <= hi + reach)),
  ];
}

/** The function that finds the best part of a curve. */
function bestOf({ quantity, mode }: Series): (places: Float64Array) => Interval | null {
  if (quantity === "slope") return mode === "max" ? ascent : descent;
  return mode === "max" ? peak : valley;
}

/**
 * The values from the start of the sweep down to its lowest smoothed point, without the outermost raw ones. What comes
 * after the minimum only diverges, so it may leave the chart; a curve that rises from the start shows its lower half.
 */
const valley = memoize((values: Float64Array): Interval | null => {
  const smoothed = smooth(values, WEIGHT);
  const finite = smoothed.filter(Number.isFinite);
  const [lowest] = extentOf(finite) ?? [];
  if (lowest === undefined) return null;
  const end = smoothed.indexOf(lowest) + 1;
  const falling = values.subarray(0, end).filter(Number.isFinite);
  if (falling.length < SHORT_DESCENT) return [lowest, quantile(finite, 0.5)];
  return [Math.min(lowest, quantile(falling, 0.02)), Math.max(lowest, quantile(falling, 0.98))];
});

/** The slopes up to where the values that they add up to are lowest, and a part of the rise after it. */
const descent = memoize((slopes: Float64Array): Interval | null => {
  const all = extentOf(slopes);
  if (!all) return null;
  let sum = 0;
  const total = slopes.map((slope) => {
    sum += slope || 0;
    return sum;
  });
  const falling = slopes.subarray(0, total.indexOf(total.toSorted()[0]!) + 1);
  const [lowest, highest] = extentOf(falling) ?? [0, 0];
  return lowest < 0 ? [lowest, Math.max(highest, -RISE * lowest)] : [0, all[1]];
});

const peak = memoize((values: Float64Array) => mirrored(valley(values.map((value) => -value))));
const ascent = memoize((slopes: Float64Array) => mirrored(descent(slopes.map((slope) => -slope))));

/** The interval of negated values, for curves that are better the higher. */
function mirrored(interval: Interval | null): Interval | null {
  return interval && [-interval[1], -interval[0]];
}
