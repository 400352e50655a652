/** Lines cut at a box: every dash of a line is painted, far outside of the plot too. */

import type { Box, Point } from "./zoom";

/** The part of the way between two points that lies in the box (Liang and Barsky 1984); null where none does. */
export function clip(from: Point, to: Point, box: Box): readonly [Point, Point] | null {
  if (isIn(from, box) && isIn(to, box)) return [from, to];
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  let [start, end] = [0, 1];
  for (const [outward, room] of [
    [-dx, from[0] - box.left],
    [dx, box.right - from[0]],
    [-dy, from[1] - box.top],
    [dy, box.bottom - from[1]],
  ] as const) {
    if (outward < 0) start = Math.max(start, room / outward);
    else if (outward > 0) end = Math.min(end, room / outward);
    else if (room < 0) return null;
  }
  const at = (share: number): Point => [from[0] + share * dx, from[1] + share * dy];
  return start > end ? null : [at(start), at(end)];
}

function isIn([x, y]: Point, { left, right, top, bottom }: Box): boolean {
  return x >= left && x <= right && y >= top && y <= bottom;
}
