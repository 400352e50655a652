/** Where the labels of marks stand: above the plot, in lanes, each over its mark. */

import type { Frame } from "./scales";

/** A label before it has a place. */
export interface Labelled {
  /** The run it belongs to. */
  readonly id: string;
  /** What tells it from other labels of the run. */
  readonly value: string;
  readonly text: string;
  /** All of it, where the text may be cut short. */
  readonly title: string;
  readonly color: string;
  /** Where the mark is, and how far down the guide to it reaches. */
  readonly x: number;
  readonly bottom: number;
}

interface Unplaced extends Labelled {
  /** The middle of the label: over the mark, but inside the frame. */
  readonly middle: number;
  readonly width: number;
}

export interface Label extends Unplaced {
  /** 0 is the lane nearest to the plot. */
  readonly lane: number;
}

export const LANE_HEIGHT = 24;
/** The part of the height that labels may take, and what they leave to plot and axes where that is little, in pixels. */
const MAX_HEADER = 0.25;
const LEAST_REST = 200;
const PADDING = 14;
/** Between two labels of a lane. */
const GAP = 6;
/** Widths of characters at the size of labels, in pixels. */
const NARROW = 3.7;
const WIDE = 8.8;
const USUAL = 6.8;

/** More runs than this are a crowd: thick lines, large dots and all their labels would hide each other. */
const CROWD = 20;

export function isCrowd(runs: number): boolean {
  return runs > CROWD;
}

export function lanesIn(height: number): number {
  return Math.max(1, Math.floor(Math.min(height * MAX_HEADER, height - LEAST_REST) / LANE_HEIGHT));
}

export interface Labels {
  readonly labels: readonly Label[];
  /** What they take from the plot, whichever run is put forward: the plot stands still under a pointer that does so. */
  readonly height: number;
}

/**
 * The labels that fit: every run's first, every run's second and so on, from left to right; of many runs only the outermost
 * two. The run put forward (an id) has its own in place of those that they do not fit beside. Labels of marks outside of
 * the frame are left out.
 */
export function placeLabels(
  labelled: readonly Labelled[],
  { left, right }: Pick<Frame, "left" | "right">,
  lanes: number,
  front: string | null,
): Labels {
  const labels = labelled
    .filter(({ x }) => x >= left && x <= right)
    .sort((a, b) => a.x - b.x)
    .map((label) => {
      const text = shorten(label.text, right - left - PADDING);
      const width = widthOf(text) + PADDING;
      const middle = Math.min(Math.max(label.x, left + width / 2), right - width / 2);
      return { ...label, text, width, middle };
    });
  const ranks = new Map<string, number>();
  const ranked = labels.map((label) => {
    const rank = ranks.get(label.id) ?? 0;
    ranks.set(label.id, rank + 1);
    return { label, rank };
  });
  const inTurn = ranked.sort((a, b) => a.rank - b.rank).map(({ label }) => label);
  const named = isCrowd(ranks.size) ? [labels[0]!, labels.at(-1)!] : inTurn;
  const placed = fit(named, lanes);
  const used = Math.max(0, ...placed.map(({ lane }) => lane + 1));
  const isFront = ({ id }: Unplaced) => id === front;
  const wanted = inTurn.filter(isFront);
  const isThere = placed.filter(isFront).length === wanted.length;
  return {
    labels: isThere ? placed : fit([...wanted, ...named.filter((label) => !isFront(label))], used),
    height: LANE_HEIGHT * used,
  };
}

/** An estimate: a text that is not drawn yet has no width. */
function widthOf(text: string): number {
  const widths = [...text].map((letter) => {
    if (/[ ijlftI.,:;'|]/.test(letter)) return NARROW;
    return /[A-Zmw→–…]/.test(letter) ? WIDE : USUAL;
  });
  return widths.reduce((sum, width) => sum + width, 0);
}

function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let end = text.length;
  while (end > 0 && widthOf(`${text.slice(0, end)}…`) > width) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}

function fit(labels: readonly Unplaced[], lanes: number): Label[] {
  const spans = labels.map(({ middle, width }) => ({ start: middle - width / 2, end: middle + width / 2 }));
  const assigned = assignLanes(spans, lanes);
  return labels.flatMap((label, index) => {
    const lane = assigned[index];
    return lane == null ? [] : [{ ...label, lane }];
  });
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The lane of each span, in the order given, earlier spans first; null for one that fits into none of `lanes`. */
export function assignLanes(spans: readonly Span[], lanes: number): (number | null)[] {
  const taken: Span[][] = Array.from({ length: lanes }, () => []);
  return spans.map((span) => {
    const lane = taken.findIndex((others) => others.every((other) => isApart(span, other)));
    if (lane < 0) return null;
    taken[lane]!.push(span);
    return lane;
  });
}

function isApart(a: Span, b: Span): boolean {
  return a.start >= b.end + GAP || b.start >= a.end + GAP;
}
