/** The probes of trainings, as the chart of schedules draws them. */

import type { ProbePoint } from "../../server/types";
import type { LegendEntry } from "../export";
import { type LineStyle, LOOSE } from "../palette";
import { nearestRow } from "../rows";
import type { Interval, Scale, ScaleKind } from "../scales";

/** The probes of one training along the chosen axis; the columns are NaN where a probe has no such value. */
export interface ProbeLine extends LineStyle {
  /** The id and the label of the training. */
  readonly id: string;
  readonly label: string;
  readonly points: readonly ProbePoint[];
  /** Ascending. */
  readonly xs: Float64Array;
  readonly suggestions: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly edges: Float64Array;
  /** The rates at which the points stand: the suggestion, or else the rate of the training. */
  readonly places: Float64Array;
}

/** The factor beyond the used rates up to which an axis of this kind shows what the probes found. */
const REACH = { log: 100, linear: 2 };
/** More trainings than this have their bands drawn one at a time: bands on bands are mud. */
const BANDS_AT_MOST = 2;

/** The trainings whose bands are drawn: of many, the one put forward, or else the first. */
export function banded(probes: readonly ProbeLine[], front: string | null): readonly ProbeLine[] {
  if (probes.length <= BANDS_AT_MOST) return probes;
  return [probes.find(({ id }) => id === front) ?? probes[0]!];
}

/** The rates that the probes found, as far as they lie near those that were used. */
export function nearRates(probes: readonly ProbeLine[], [lo, hi]: Interval, kind: ScaleKind): number[] {
  const [least, most] = [kind === "log" ? lo / REACH.log : 0, hi * REACH[kind]];
  return probes
    .flatMap(({ lower, upper, edges, places }) => [lower, upper, edges, places].flatMap((column) => [...column]))
    .filter((rate) => rate >= least && rate <= most);
}

/** The row of the probe nearest to a place; none where the probes are elsewhere. */
export function nearestProbe({ xs }: ProbeLine, x: Scale, left: number, reach: number): number[] {
  const isBeside = left < x(xs[0]!) - reach || left > x(xs.at(-1)!) + reach;
  return isBeside ? [] : [nearestRow(xs, x.invert(left), "linear")];
}

/** Whether its suggestion, if it has one, is not to be relied on. */
export function isDoubtful({ suggestion, confidence }: ProbePoint): boolean {
  return suggestion === null || confidence === "doubtful";
}

const CIRCLE = "M14,4a3,3 0 1 0 -6,0a3,3 0 1 0 6,0";

/** What each mark stands for, of those that are drawn. */
export function legendOf(probes: readonly ProbeLine[], front: string | null): LegendEntry[] {
  const full = banded(probes, front);
  const [only] = full.length === 1 ? full : [];
  const some = (lines: readonly ProbeLine[], column: "lower" | "suggestions" | "edges") =>
    lines.some((line) => line[column].some(Number.isFinite));
  const entry = (label: string, style: Partial<LegendEntry>) => ({ ...LOOSE, label, note: "", width: 1.5, ...style });
  const own = { color: only?.color ?? LOOSE.color };
  const of = only && probes.length > 1 ? ` of ${only.label}` : "";
  const points = probes.flatMap((line) => line.points);
  return [
    ...(some(full, "lower") ? [entry(`usable band${of}`, { ...own, width: 8, opacity: 0.2 })] : []),
    ...(some(probes, "suggestions") ? [entry("suggested rate", { width: 1.25 })] : []),
    ...(some(full, "edges") ? [entry(`blow-up edge${of}`, { ...own, dash: EDGE_DASH })] : []),
    ...(points.some(isDoubtful) ? [entry("probe with a doubtful suggestion, or none", { shape: CIRCLE })] : []),
  ];
}

export const EDGE_DASH = "3 4";
