/** What each mark in the chart of sweeps stands for. */

import type { LegendEntry } from "../export";
import { LOOSE } from "../palette";
import { type Series, SHADES_AT_MOST, showsSlope } from "./series";

const SHADE = { width: 8, opacity: 0.2 };
const UPRIGHT = "M11,0V8";
const CIRCLE = "M14,4a3,3 0 1 0 -6,0a3,3 0 1 0 6,0";
const TRIANGLE = "M7,8L11,1L15,8z";
const CROSS = "M8,1L14,7M8,7L14,1";

/** An entry for each kind of mark that is drawn, and for each group. */
export function legendOf(series: readonly Series[], hasDots: boolean, picked: number | null): LegendEntry[] {
  const entry = (isDrawn: boolean, label: string, style: Partial<LegendEntry> = {}) =>
    isDrawn ? [{ ...LOOSE, label, note: "", width: 1.5, ...style }] : [];
  const some = (isSuch: (entry: Series) => unknown) => series.some(isSuch);
  const many = (isSuch: (entry: Series) => unknown) =>
    series.filter(isSuch).length > SHADES_AT_MOST ? ", of the run pointed at" : "";
  const trials = series.flatMap((entry) => entry.trials);
  const isCurve = some(({ group }) => !group) && !showsSlope(series);
  return [
    ...series.flatMap(({ label, color, group }) =>
      entry(group !== null, `${label}: mean of ${group?.runs.length === 1 ? "1 run" : `${group?.runs.length} runs`}`, {
        color,
        width: 2,
      }),
    ),
    ...entry(
      some(({ group }) => group),
      "from the group's lowest run to its highest",
      SHADE,
    ),
    ...entry(isCurve, "smoothed", { width: 2 }),
    ...entry(isCurve && hasDots, "recorded", { dash: "0.1 6", width: 3.5 }),
    ...entry(
      some(({ suggested }) => suggested),
      "suggested rate",
      { shape: "M11,4h0.1", width: 8 },
    ),
    ...entry(
      some(({ band }) => band),
      `usable band${many(({ band }) => band)}`,
      SHADE,
    ),
    ...entry(
      some(({ edge }) => edge),
      `blow-up edge${many(({ edge }) => edge)}`,
      { shape: UPRIGHT, dash: "2 2" },
    ),
    ...entry(
      some(({ spread }) => spread),
      `spread around the mean${many(({ spread }) => spread)}`,
      {
        shape: "M1,1H21M1,7H21",
        dash: "0.1 3",
      },
    ),
    ...entry(
      some(({ trainedAt }) => trainedAt !== null),
      "rate of the training",
      { shape: TRIANGLE },
    ),
    ...entry(
      trials.some(({ value }) => value !== null),
      "short training: what it reached",
      { shape: CIRCLE },
    ),
    ...entry(
      trials.some(({ value }) => value === null),
      "short training that diverged",
      { shape: CROSS },
    ),
    ...entry(
      some(({ isPinned }) => isPinned),
      "pinned run",
      { width: 3.5 },
    ),
    ...entry(picked !== null, "picked rate", { shape: UPRIGHT, color: "var(--text)" }),
  ];
}
