/** The options of the chart of sweeps that most people leave as they are. */

import { computed, type Signal } from "@preact/signals";
import { SCALE_KINDS, type ScaleKind } from "../chart/scales";
import { ORDERS, type Order } from "../chart/sweep/style";
import type { Settings } from "../settings/settings";

export interface Options {
  readonly x: ScaleKind;
  readonly y: ScaleKind;
  readonly isTailIgnored: boolean;
  readonly hasDots: boolean;
  readonly order: Order;
  /** The numbers of rows to leave out at the two ends. */
  readonly skipStart: number;
  readonly skipEnd: number;
}

type Held = { readonly [K in keyof Options]: Signal<Options[K]> };

/** The most rows to leave out: far more than any warm-up has. */
const SKIPPED_AT_MOST = 1_000_000;

export class ChartOptions {
  readonly #held: Held;
  readonly values = computed<Options>(() => {
    const { x, y, isTailIgnored, hasDots, order, skipStart, skipEnd } = this.#held;
    return {
      x: x.value,
      y: y.value,
      isTailIgnored: isTailIgnored.value,
      hasDots: hasDots.value,
      order: order.value,
      skipStart: Math.round(skipStart.value),
      skipEnd: Math.round(skipEnd.value),
    };
  });

  constructor(settings: Settings) {
    this.#held = {
      x: settings.choice<ScaleKind>("x", SCALE_KINDS, "log"),
      y: settings.choice<ScaleKind>("y", SCALE_KINDS, "linear"),
      isTailIgnored: settings.flag("tail", true),
      hasDots: settings.flag("points", true),
      order: settings.choice<Order>("tooltip", ORDERS, "listed"),
      skipStart: settings.number("skip_start", 0, [0, SKIPPED_AT_MOST]),
      skipEnd: settings.number("skip_end", 0, [0, SKIPPED_AT_MOST]),
    };
  }

  set<K extends keyof Options>(name: K, value: Options[K]): void {
    const held: Signal<Options[K]> = this.#held[name];
    held.value = value;
  }
}
