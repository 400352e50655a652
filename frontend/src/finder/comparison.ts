/** The comparison of the shown runs: the order of their table, and one chart of them, one of their groups, or many. */

import { computed, type ReadonlySignal, type Signal } from "@preact/signals";
import { compareValues } from "../base/collation";
import { keep } from "../base/equality";
import type { Domain } from "../chart/scales";
import { defaultDomain } from "../chart/sweep/domain";
import type { Series } from "../chart/sweep/series";
import { pinnedFirst } from "../runs/run";
import type { Settings } from "../settings/settings";
import type { Finder } from "./finder";
import { meansOf } from "./means";
import { type Panel, panelsOf } from "./panels";
import type { SweepRun } from "./sweeps";
import { type ColumnName, columnsOf, factOf } from "./table";

/** `means`: a line for each group; one chart of the runs where there are no groups. */
export const LAYOUTS = ["one", "multiples", "means"] as const;
export type Layout = (typeof LAYOUTS)[number];

/** The sort order of the table: a column, with a minus for descending; empty for the order of the list. */
export type Order = "" | ColumnName | `-${ColumnName}`;

export class Comparison {
  readonly order: ReadonlySignal<Order>;
  readonly layout: Signal<Layout>;
  /** Whether there is a chart for each panel. */
  readonly hasPanels: ReadonlySignal<boolean>;
  readonly columns: ReadonlySignal<readonly ColumnName[]>;
  readonly rows: ReadonlySignal<readonly SweepRun[]>;
  readonly panels: ReadonlySignal<readonly Panel[]>;
  /** The layouts that make a difference. */
  readonly layouts: ReadonlySignal<readonly Layout[]>;
  /** What the one chart draws: the runs, or the pinned one and the means of the groups. */
  readonly drawn: ReadonlySignal<readonly Series[]>;
  /** The common domain of all panels, and of the groups as of their runs, so that they can be compared. */
  readonly domain: ReadonlySignal<Domain>;

  readonly #order: Signal<string>;

  constructor({ runs, series, sweepStyle }: Pick<Finder, "runs" | "series" | "sweepStyle">, settings: Settings) {
    this.#order = settings.text("sort", "", true);
    this.layout = settings.choice("layout", LAYOUTS, "one");
    this.hasPanels = computed(() => series.value.length > 1 && this.layout.value === "multiples");
    let columns: readonly ColumnName[] = [];
    this.columns = computed(() => {
      columns = keep(columns, columnsOf(runs.shown.value), String, Object.is);
      return columns;
    });
    this.order = computed(() => {
      const orders = this.columns.value.flatMap((column): Order[] => [column, `-${column}`]);
      return orders.find((order) => order === this.#order.value) ?? "";
    });
    this.rows = computed(() => pinnedFirst(sorted(runs.shown.value, this.order.value)));
    this.panels = computed(() => panelsOf(series.value, this.rows.value));
    const hasGroups = computed(() => this.rows.value.some(({ group }) => group !== null));
    this.layouts = computed(() => LAYOUTS.filter((name) => name !== "means" || hasGroups.value));
    this.drawn = computed(() =>
      this.layout.value === "means" && hasGroups.value
        ? [...series.value.filter(({ isPinned }) => isPinned), ...meansOf(this.panels.value)]
        : series.value,
    );
    this.domain = computed(() => defaultDomain(series.value, sweepStyle.value));
  }

  /** Sorts by a column: ascending first, then descending, then as in the list. */
  sortBy(column: ColumnName): void {
    const turns: readonly Order[] = [column, `-${column}`, ""];
    this.#order.value = turns[(turns.indexOf(this.order.value) + 1) % turns.length]!;
  }

  setLayout(layout: Layout): void {
    this.layout.value = layout;
  }
}

/** The runs sorted by a column; those without a value come last in both directions. */
export function sorted(runs: readonly SweepRun[], order: Order): readonly SweepRun[] {
  if (order === "") return runs;
  const isDescending = order.startsWith("-");
  const column = (isDescending ? order.slice(1) : order) as ColumnName;
  const valued = runs.map((run) => ({ run, value: factOf(run, column)?.value }));
  return valued
    .sort((a, b) => {
      if (a.value === undefined || b.value === undefined)
        return Number(a.value === undefined) - Number(b.value === undefined);
      return compareValues(a.value, b.value) * (isDescending ? -1 : 1);
    })
    .map(({ run }) => run);
}
