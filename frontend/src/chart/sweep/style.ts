/** How sweeps are drawn, whatever they show. */

import type { Kinds } from "../scales";

export const ORDERS = ["listed", "nearest", "ascending", "descending"] as const;
/** In which order the readout names the runs. */
export type Order = (typeof ORDERS)[number];

export interface SweepStyle {
  readonly kinds: Kinds;
  /** Whether the view leaves out what lies beyond the best value: there the loss only diverges. */
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
