/** Where the labels of the suggested rates stand: above the plot, in lanes, each over its mark. */

import { formatRate } from "../lib/format";
import { assignLanes } from "./lanes";
import type { Mark, Series } from "./series";

export interface Label {
  readonly series: Series;
  readonly mark: Mark;
  readonly text: string;
  /** Where the mark is. */
  readonly x: number;
  /** The middle of the label: over the mark, but inside the frame. */
  readonly middle: number;
  readonly width: number;
  /** 0 is the lane nearest to the plot. */
  readonly lane: number;
}

export const LANE_HEIGHT = 24;
const PADDING = 14;
const CHARACTER_WIDTH = 7;

/**
 * The labels that fit, from left to right; of too many, `preferred` (an id) before all others. Labels of rates outside
 * of the frame are left out.
 */
export function placeLabels(
  series: readonly Series[],
  x: (rate: number) => number,
  { left, right }: { left: number; right: number },
  lanes: number,
  preferred: string | null,
): Label[] {
  const labels = series
    .flatMap((entry) => (entry.mark ? [{ series: entry, mark: entry.mark, x: x(entry.mark.rate) }] : []))
    .filter((label) => label.x >= left && label.x <= right)
    .sort((a, b) => a.x - b.x)
    .map((label) => {
      const text = textOf(label.mark);
      const width = text.length * CHARACTER_WIDTH + PADDING;
      const middle = Math.min(Math.max(label.x, left + width / 2), right - width / 2);
      return { ...label, text, width, middle };
    });
  const isPreferred = (label: { series: Series }) => label.series.id === preferred;
  const placed = fit(labels, lanes);
  if (placed.length === labels.length || placed.some(isPreferred)) return placed;
  return fit([...labels.filter(isPreferred), ...labels.filter((label) => !isPreferred(label))], lanes);
}

function textOf({ rate, lower }: Mark): string {
  return lower === null ? formatRate(rate) : `${formatRate(lower)} – ${formatRate(rate)}`;
}

function fit(labels: readonly Omit<Label, "lane">[], lanes: number): Label[] {
  const spans = labels.map(({ middle, width }) => ({ start: middle - width / 2, end: middle + width / 2 }));
  const assigned = assignLanes(spans, lanes);
  return labels.flatMap((label, index) => {
    const lane = assigned[index];
    return lane == null ? [] : [{ ...label, lane }];
  });
}
