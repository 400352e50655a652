/** The labels of rate changes. */

import { type LabelLayout, lanesIn, placeLabels } from "../labelLanes";
import type { Scales } from "../scales";
import type { ScheduleLine } from "./lines";

/** Labels in more lanes than this are a heap of words over the chart. */
const LANES_AT_MOST = 2;
/** Longer names are cut in their middle, since runs differ at their ends. */
const LONGEST_NAME = 25;

/**
 * The labels that fit over a chart of this height, first those of the run put forward. `scalesUnder` gives the scales below a
 * header; labels are placed twice, since their guides end at dots whose height depends on the room that the labels take.
 */
export function placeRateChanges(
  lines: readonly ScheduleLine[],
  scalesUnder: (header: number) => Scales,
  height: number,
  front: string | null,
): LabelLayout {
  const names = shortNames(lines.map(({ label }) => label));
  const place = (header: number) => {
    const { x, y, frame } = scalesUnder(header);
    const labelled = lines.flatMap(({ id, label, color, rateChanges }, index) =>
      rateChanges.map(({ step, text, ...change }) => ({
        id,
        value: String(step),
        text: lines.length > 1 ? `${names[index]}: ${text}` : text,
        title: `${label}: ${text}`,
        color,
        x: x(change.x),
        bottom: y(change.rate),
      })),
    );
    return placeLabels(labelled, frame, Math.min(lanesIn(height), LANES_AT_MOST), front);
  };
  return place(place(0).height);
}

/** Names of runs without the directories that all of them are in. */
function shortNames(names: readonly string[]): string[] {
  const paths = names.map((name) => name.split("/"));
  const [first = []] = paths;
  const isShared = (level: string, depth: number) =>
    paths.every((path) => path.length > depth + 1 && path[depth] === level);
  const own = first.findIndex((level, depth) => !isShared(level, depth));
  return paths.map((path) => cut(path.slice(own).join("/")));
}

function cut(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const half = (LONGEST_NAME - 1) / 2;
  return `${name.slice(0, half)}…${name.slice(-half)}`;
}
