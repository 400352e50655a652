/** Positions of labels: in lanes above the plot, each label over the point that it names. */

import { clamp } from "../base/numbers";
import type { Frame } from "./scales";
import { LABEL_FONT, textWidth } from "./textWidth";

/** A label before it has a position. */
export interface Labelled {
  /** The run it belongs to. */
  readonly id: string;
  /** Tells the labels of one run apart. */
  readonly value: string;
  readonly text: string;
  /** The whole text, where `text` may be cut short. */
  readonly title: string;
  readonly color: string;
  /** The point that the label names, and how far down the guide to it reaches. */
  readonly x: number;
  readonly bottom: number;
}

interface MeasuredLabel extends Labelled {
  /** The middle of the label: over its point, but inside the frame. */
  readonly middle: number;
  readonly width: number;
}

export interface Label extends MeasuredLabel {
  /** 0 is the lane nearest to the plot. */
  readonly lane: number;
}

export const LANE_HEIGHT = 24;
/** The part of the height that labels may take, and the height that they leave to plot and axes of a low chart, in pixels. */
const MAX_HEADER = 0.25;
const LEAST_REST = 200;
const PADDING = 14;
/** Between two labels of a lane. */
const GAP = 6;

/** More runs than this are a crowd: thick lines, large dots and all their labels would hide each other. */
const CROWD = 20;

export function isCrowd(runs: number): boolean {
  return runs > CROWD;
}

export function lanesIn(height: number): number {
  return Math.max(1, Math.floor(Math.min(height * MAX_HEADER, height - LEAST_REST) / LANE_HEIGHT));
}

export interface LabelLayout {
  readonly labels: readonly Label[];
  /** The height they take from the plot. It is the same whichever run is put forward, so that the plot stands still. */
  readonly height: number;
}

/**
 * The labels that fit: first labels of all runs, then second ones and so on, from left to right; only the outermost two of
 * a crowd of runs. Labels of the run put forward (an id) replace those that they do not fit beside. Labels of points
 * outside of the frame are left out.
 */
export function placeLabels(
  labelled: readonly Labelled[],
  { left, right }: Pick<Frame, "left" | "right">,
  lanes: number,
  front: string | null,
): LabelLayout {
  const labels = labelled
    .filter(({ x }) => x >= left && x <= right)
    .sort((a, b) => a.x - b.x)
    .map((label) => {
      const text = shorten(label.text, right - left - PADDING);
      const width = textWidth(text, LABEL_FONT) + PADDING;
      const middle = clamp(label.x, left + width / 2, right - width / 2);
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
  const isFront = ({ id }: MeasuredLabel) => id === front;
  const ahead = inTurn.filter(isFront);
  const isThere = placed.filter(isFront).length === ahead.length;
  return {
    labels: isThere ? placed : fit([...ahead, ...named.filter((label) => !isFront(label))], used),
    height: LANE_HEIGHT * used,
  };
}

function shorten(text: string, width: number): string {
  const isTooWide = (candidate: string) => textWidth(candidate, LABEL_FONT) > width;
  if (!isTooWide(text)) return text;
  let end = text.length;
  while (end > 0 && isTooWide(`${text.slice(0, end)}…`)) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}

function fit(labels: readonly MeasuredLabel[], lanes: number): Label[] {
  const spans = labels.map(({ middle, width }) => ({ start: middle - width / 2, end: middle + width / 2 }));
  const assigned = assignLanes(spans, lanes);
  return labels.flatMap((label, index) => {
    const lane = assigned[index];
    return lane == null ? [] : [{ ...label, lane }];
  });
}

interface Span {
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
