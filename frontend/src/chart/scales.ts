/** Where things are: the frame around the plot and the two scales inside it. */

import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import type { Domain } from "./series";

export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export type Scale = ScaleContinuousNumeric<number, number>;

export interface Scales {
  readonly x: Scale;
  readonly y: Scale;
  readonly frame: Frame;
}

const MARGIN = { left: 64, right: 20, top: 14, bottom: 46 };

/** `header` is the height kept free above the plot, for the labels of the marks. */
export function frameOf(width: number, height: number, header: number): Frame {
  return {
    left: MARGIN.left,
    right: Math.max(MARGIN.left + 1, width - MARGIN.right),
    top: MARGIN.top + header,
    bottom: Math.max(MARGIN.top + header + 1, height - MARGIN.bottom),
  };
}

export function scalesOf(domain: Domain, frame: Frame): Scales {
  return {
    x: scaleLog(domain.x, [frame.left, frame.right]),
    y: scaleLinear(domain.y, [frame.bottom, frame.top]),
    frame,
  };
}

export function isInside(frame: Frame, x: number, y: number): boolean {
  return x >= frame.left && x <= frame.right && y >= frame.top && y <= frame.bottom;
}
