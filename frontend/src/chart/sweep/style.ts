/** The style of the chart of sweeps, whatever it shows. */

import type { Kinds } from "../scales";

export const ORDERS = ["listed", "nearest", "ascending", "descending"] as const;
/** The order in which the readout names the runs. */
export type Order = (typeof ORDERS)[number];

export interface SweepStyle {
  readonly kinds: Kinds;
  /** Whether the view leaves out the values beyond the best one, where the loss only diverges. */
  readonly isTailIgnored: boolean;
  readonly hasDots: boolean;
  readonly order: Order;
}

export const USUAL_STYLE: SweepStyle = {
  kinds: { x: "log", y: "linear" },
  isTailIgnored: true,
  hasDots: true,
  order: "listed",
};
