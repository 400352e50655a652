/** Boxes drawn by drags and keys, and the part of the plane that they zoom to. */

import type { Domain, Frame, Interval, Kinds, Scale, ScaleKind, Scales } from "./scales";

export type Point = readonly [number, number];

/** The shortest drag that is not a click, in pixels. */
const MIN_DRAG = 4;
/** The length below which a side means "the other axis only", where that is three times as long. */
const AXIS_DRAG = 16;
/** The narrowest domains, relative to their values, whose ticks still differ in their digits. */
const MIN_SHARE = { log: 1e-4, linear: 1e-9 };
/** The values farthest from zero and nearest to it that an axis shows: with these, all coordinates are finite. */
const LARGEST = 1e100;
const SMALLEST = 1 / LARGEST;

/** The box of a drag inside the frame; the full height or width where it follows one axis; null for a click. */
export function dragBox(from: Point, to: Point, frame: Frame): Frame | null {
  const [width, height] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
  if (Math.max(width, height) < MIN_DRAG) return null;
  const alongX = height < AXIS_DRAG && width > 3 * height;
  const alongY = width < AXIS_DRAG && height > 3 * width;
  return {
    left: alongY ? frame.left : Math.max(frame.left, Math.min(from[0], to[0])),
    right: alongY ? frame.right : Math.min(frame.right, Math.max(from[0], to[0])),
    top: alongX ? frame.top : Math.max(frame.top, Math.min(from[1], to[1])),
    bottom: alongX ? frame.bottom : Math.min(frame.bottom, Math.max(from[1], to[1])),
  };
}

/** The box in which a part of the plane is drawn. */
export function boxOf({ x: [left, right], y: [bottom, top] }: Domain, { x, y }: Scales): Frame {
  return { left: x(left), right: x(right), top: y(top), bottom: y(bottom) };
}

/** The part of the plane in a box; null where that is narrower than the axes can label. */
export function zoomOf({ left, right, top, bottom }: Frame, { x, y, kinds }: Scales): Domain | null {
  const across = intervalOf(x, kinds.x, left, right);
  const up = intervalOf(y, kinds.y, bottom, top);
  return across && up && { x: across, y: up };
}

/** The values between two coordinates; null where they are too close to label. */
export function intervalOf(scale: Scale, kind: ScaleKind, from: number, to: number): Interval | null {
  const interval: Interval = [scale.invert(from), scale.invert(to)];
  return canShow(interval, kind) ? interval : null;
}

/** Whether axes of these kinds can show a domain. */
export function isDrawable({ x, y }: Domain, kinds: Kinds): boolean {
  return canShow(x, kinds.x) && canShow(y, kinds.y);
}

/** Whether an axis of this kind can show an interval: it has a place for both ends, and labels that tell them apart. */
export function canShow([lo, hi]: Interval, kind: ScaleKind): boolean {
  const farthest = Math.max(Math.abs(lo), Math.abs(hi));
  if (farthest > LARGEST || farthest < SMALLEST) return false;
  if (kind === "log") return lo >= SMALLEST && hi / lo - 1 >= MIN_SHARE.log;
  return (hi - lo) / farthest >= MIN_SHARE.linear;
}
