/** What each mark in the chart of sweeps stands for. */

import { type LegendEntry, LINE } from "../export";
import { LOOSE } from "../palette";
import { type Series, SHADES_AT_MOST, showsSlope } from "./series";

const UPRIGHT = "M11,0V8";
const TRIANGLE = "M7,8L11,1L15,8z";
const CIRCLE = "M14,4a3,3 0 1 0 -6,0a3,3 0 1 0 6,0";
const CROSS = "M8,1L14,7M8,7L14,1";
const OUTLINE = "M1,1H21M1,7H21";

/** An entry for each group, and for each kind of mark that is drawn. */
export function legendOf(series: readonly Series[], hasDots: boolean, picked: number | null): LegendEntry[] {
  const entry = (label: string, width: number, dash = "", shape = LINE) => ({
    ...LOOSE,
    label,
    note: "",
    width,
    dash,
    shape,
  });
  /** The entry if any series has such a mark; of many, some kinds of marks are drawn for one series alone. */
  const mark = (isSuch: (entry: Series) => unknown, label: string, width = 1.5, dash = "", shape = LINE) =>
    series.some(isSuch) ? [entry(label, width, dash, shape)] : [];
  const onlyFront = (isSuch: (entry: Series) => unknown) =>
    series.filter(isSuch).length > SHADES_AT_MOST ? ", of the run pointed at" : "";
  const [hasBand, hasEdge, hasSpread] = [
    ({ band }: Series) => band,
    ({ edge }: Series) => edge,
    ({ spread }: Series) => spread,
  ];
  const isCurve = ({ group }: Series) => !group && !showsSlope(series);
  return [
    ...series.flatMap(({ label, color, group }) => {
      if (!group) return [];
      const runs = group.runs.length === 1 ? "1 run" : `${group.runs.length} runs`;
      return [{ ...entry(`${label}: mean of ${runs}`, 2), color }];
    }),
    ...mark(({ group }) => group, "from the group's lowest run to its highest", 1.5, "0.1 3", OUTLINE),
    ...mark(isCurve, "smoothed", 2),
    ...mark((one) => hasDots && isCurve(one), "recorded", 3.5, "0.1 6"),
    ...mark(({ suggested }) => suggested, "suggested rate", 8, "", "M11,4h0.1"),
    ...mark(hasBand, `usable band${onlyFront(hasBand)}`, 8).map((entry) => ({ ...entry, opacity: 0.2 })),
    ...mark(hasEdge, `blow-up edge${onlyFront(hasEdge)}`, 1.5, "2 4"),
    ...mark(hasSpread, `spread around the mean${onlyFront(hasSpread)}`, 1.5, "0.1 3", OUTLINE),
    ...mark(({ trainedAt }) => trainedAt !== null, "rate of the training", 1.5, "", TRIANGLE),
    ...mark(({ trials }) => trials.some(({ value }) => value !== null), "short training", 1.5, "", CIRCLE),
    ...mark(({ trials }) => trials.some(({ value }) => value === null), "… that diverged", 1.5, "", CROSS),
    ...mark(({ isPinned }) => isPinned, "pinned run", 3.5),
    ...mark(() => picked !== null, "picked rate", 1.5, "", UPRIGHT),
  ];
}
