import { type Axis, EPOCH_AXIS, RELATIVE_AXIS, STEP_AXIS, WALL_AXIS } from "../chart/axis";
import type { XAxis } from "./lines";

/** The axis that the chart draws for each choice. */
export const X_CHART_AXES: Readonly<Record<XAxis, Axis>> = {
  step: STEP_AXIS,
  epoch: EPOCH_AXIS,
  wall: WALL_AXIS,
  relative: RELATIVE_AXIS,
};

export const X_LABELS: readonly (readonly [XAxis, string])[] = [
  ["step", "Step"],
  ["epoch", "Epoch"],
  ["wall", "Wall time"],
  ["relative", "Relative time"],
];
