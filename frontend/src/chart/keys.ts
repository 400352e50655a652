/** Keys that move the readout of a chart, and keys that zoom. */

import { clamp } from "../base/numbers";
import type { Frame } from "./scales";
import type { Point } from "./zoom";

/** The step of an arrow key, in pixels, and its factor with Shift. */
const STEP = 8;
const FARTHER = 10;
/** The step of a page key, as a share of the width. */
const PAGE = 0.1;
/** The factor by which a key zooms. */
const ZOOM = 1.5;
/** The share of the whole that a zoom may leave out and still count as no zoom: labels change the height of the plot. */
const NEARLY = 0.1;

type Keys = Pick<KeyboardEvent, "key" | "shiftKey">;

/** The point that a key moves the readout to; undefined for other keys. */
export function moved({ key, shiftKey }: Keys, [x, y]: Point, frame: Frame): Point | undefined {
  const step = shiftKey ? STEP * FARTHER : STEP;
  const page = (frame.right - frame.left) * PAGE;
  const ways: Readonly<Record<string, Point>> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
    PageDown: [-page, 0],
    PageUp: [page, 0],
    Home: [Number.NEGATIVE_INFINITY, 0],
    End: [Number.POSITIVE_INFINITY, 0],
  };
  const way = ways[key];
  return way && inside([x + way[0], y + way[1]], frame);
}

/** The box that a key zooms to: larger or smaller around a point, or all of `limits`; undefined for other keys. */
export function zoomed(key: string, [x, y]: Point, frame: Frame, limits: Frame): Frame | undefined {
  if (key === "0") return limits;
  const factors: Readonly<Record<string, number>> = { "+": 1 / ZOOM, "=": 1 / ZOOM, "-": ZOOM };
  const factor = factors[key];
  if (factor === undefined) return undefined;
  return {
    left: Math.max(limits.left, x - (x - frame.left) * factor),
    right: Math.min(limits.right, x + (frame.right - x) * factor),
    top: Math.max(limits.top, y - (y - frame.top) * factor),
    bottom: Math.min(limits.bottom, y + (frame.bottom - y) * factor),
  };
}

/** Whether a box shows nearly all of the limits. */
export function isAll(box: Frame, limits: Frame): boolean {
  const shown = [box.right - box.left, box.bottom - box.top];
  const all = [limits.right - limits.left, limits.bottom - limits.top];
  return shown.every((length, index) => length > (1 - NEARLY) * all[index]!);
}

export function centreOf({ left, right, top, bottom }: Frame): Point {
  return [(left + right) / 2, (top + bottom) / 2];
}

function inside([x, y]: Point, { left, right, top, bottom }: Frame): Point {
  return [clamp(x, left, right), clamp(y, top, bottom)];
}
