/** Curves as people meet them, drawn by hand: what they look like, what that means and what to do. */

import type { ShapeName } from "../../server/types";

export interface ShapeGuide {
  readonly title: string;
  /** What it means, and what to do. */
  readonly text: string;
  /** Heights of the curve from the top, at even distances. */
  readonly curve: readonly number[];
  /** How far the single losses scatter around it. */
  readonly scatter: number;
  /** How it would have gone on; empty where it is complete. */
  readonly missing: readonly number[];
  /** The place of the suggestion in the curve; null where there is none. */
  readonly mark: number | null;
}

export const SHAPE_GUIDES: Readonly<Record<ShapeName, ShapeGuide>> = {
  good: {
    title: "Good",
    text: "The loss falls, turns and shoots up, so all that a suggestion needs is there. Train with the suggested rate.",
    curve: [18, 18, 18, 18, 18, 18, 19, 20, 22, 25, 30, 36, 41, 46, 49, 52, 53, 54, 54, 54, 53, 50, 43, 32, 17, 1],
    scatter: 2,
    missing: [],
    mark: 14,
  },
  short: {
    title: "Too short",
    text: "The loss still falls where the sweep stops, or falls already where it begins, so the best rate may lie outside. Sweep on to higher rates, or begin ten times lower.",
    curve: [18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 19, 20, 21, 23, 26, 30, 34, 38, 42],
    scatter: 2,
    missing: [42, 46, 49, 52, 53, 54, 53, 48, 38],
    mark: 14,
  },
  flat: {
    title: "Never fell",
    text: "No rate made the loss fall, so a suggestion has nothing to go by. Check how inputs and targets are scaled, then labels, loss and model, and sweep again.",
    curve: [34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 33, 32, 28, 20, 8, 0],
    scatter: 2,
    missing: [],
    mark: null,
  },
  noise: {
    title: "Noise",
    text: "The loss scatters more from step to step than it falls, so the suggestion may be several times off. Average several sweeps, or take larger batches.",
    curve: [
      29, 31, 28, 26, 30, 33, 31, 27, 29, 34, 32, 28, 31, 36, 40, 37, 33, 38, 43, 41, 36, 40, 42, 37, 33, 35, 28, 20,
    ],
    scatter: 19,
    missing: [],
    mark: 16,
  },
};
