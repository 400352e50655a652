/** Margins around a plot, with room for the labels of its vertical axes. */

import { useMemo } from "preact/hooks";
import { type Axis, verticalTicks } from "./axis";
import type { Frame, Interval } from "./scales";
import { TICK_FONT, textWidth } from "./textWidth";

/** Between an axis and the labels of its ticks, in pixels. */
export const TICK_GAP = 10;
/** Between those labels and the title. */
export const TITLE_GAP = 6;
/** The room of a title with its gaps, and of no title. */
const TITLE_ROOM = 24;
const EDGE_GAP = 2;

/** A vertical axis, with the part of it that is shown. */
interface Side {
  readonly axis: Axis;
  readonly domain: Interval;
}

/** `base`, wider where the labels of the vertical axes need more room. The same object for as long as it is as wide. */
export function useMargin(base: Frame, height: number, leftSide: Side, rightSide: Side | null): Frame {
  // The labels above the plot leave it no more ticks than this.
  const length = height - base.top - base.bottom;
  const left = Math.max(base.left, roomFor(leftSide, length));
  const right = rightSide ? Math.max(base.right, roomFor(rightSide, length)) : base.right;
  return useMemo(() => ({ ...base, left, right }), [base, left, right]);
}

/** The width that a vertical axis takes beside the plot, `length` pixels high at most. */
export function roomFor({ axis, domain }: Side, length: number): number {
  const { labels } = verticalTicks(axis, domain, length);
  const titleRoom = axis.title(domain) === "" ? EDGE_GAP : TITLE_ROOM;
  return Math.ceil(TICK_GAP + widest(labels) + titleRoom);
}

export function widest(labels: readonly string[]): number {
  return Math.max(0, ...labels.map((label) => textWidth(label, TICK_FONT)));
}
