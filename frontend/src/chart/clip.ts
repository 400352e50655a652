/** The part of a line that can be seen. */

import type { Frame } from "./scales";

/** Where a stretch of a line begins and ends: x, y, x, y. */
export type Stretch = readonly [number, number, number, number];

/** A straight stretch, cut off at the edges of a frame (Liang and Barsky); null where none of it is inside. */
export function clip(x0: number, y0: number, x1: number, y1: number, frame: Frame): Stretch | null {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const edges = [
    [-dx, x0 - frame.left],
    [dx, frame.right - x0],
    [-dy, y0 - frame.top],
    [dy, frame.bottom - y0],
  ] as const;
  let [from, to] = [0, 1];
  for (const [way, room] of edges) {
    if (way === 0 && room < 0) return null;
    if (way < 0) from = Math.max(from, room / way);
    if (way > 0) to = Math.min(to, room / way);
  }
  return from > to ? null : [x0 + from * dx, y0 + from * dy, x0 + to * dx, y0 + to * dy];
}
