/** The box that a drag draws, and the domain it zooms to. */

import type { Frame, Scales } from "./scales";
import type { Domain } from "./series";

export type Point = readonly [number, number];

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Shorter drags are clicks. */
const MIN_DRAG = 4;
/** A side this short, beside one three times as long, means "this axis only". */
const AXIS_DRAG = 16;
/** The narrowest domains, relative to their values: what the digits of their ticks still tell apart. */
const MIN_X_SHARE = 1e-4;
const MIN_Y_SHARE = 1e-9;

/** The box inside the frame; the full height or width where the drag follows one axis; null for a click. */
export function dragBox(from: Point, to: Point, frame: Frame): Box | null {
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

/** Null where the box is narrower than the axes can label. */
export function domainOf(box: Box, { x, y }: Scales): Domain | null {
  const [x0, x1] = [x.invert(box.left), x.invert(box.right)];
  const [y0, y1] = [y.invert(box.bottom), y.invert(box.top)];
  const isNarrow = x1 / x0 < 1 + MIN_X_SHARE || y1 - y0 < MIN_Y_SHARE * Math.max(Math.abs(y0), Math.abs(y1));
  return isNarrow ? null : { x: [x0, x1], y: [y0, y1] };
}
