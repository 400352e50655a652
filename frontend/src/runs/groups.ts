/** Groups of runs, each with a colour. */

import { computed, type ReadonlySignal, type Signal } from "@preact/signals";
import { compareValues } from "../base/collation";
import { matchEach } from "../base/regex";
import { colorAt, dashAt, type LineStyle, roundOf, UNRELATED } from "../chart/palette";
import type { Setting, Trace } from "../server/types";
import type { Settings } from "../settings/settings";
import { differing, settingOf, settingText } from "./differing";

/** The groupings by something else than a setting, which is grouped by under its name; empty for none. */
export const REGEX = "regex";
export const TAGS = "tags";

/** The name of the group for all runs without a group of their own. */
const OTHER = "other";

/** The value that the group of a trace has in common, null for none; null where runs are not grouped. */
type SharedBy = ((trace: Trace) => Setting | null) | null;

export interface Grouping {
  readonly sharedBy: SharedBy;
  /** The reason why the expression cannot be used; null for a valid one. */
  readonly error: string | null;
}

/** The part of a run that its group tells. */
export interface Grouped {
  /** The name of its group; null where runs are not grouped. */
  readonly group: string | null;
  /** The value that its group has in common; null for none. */
  readonly shared: Setting | null;
}

/** A group of runs, and its colour. */
export interface Group<R> {
  readonly name: string;
  readonly color: string;
  readonly runs: readonly R[];
}

export class Groups {
  /** The groupings that there are: the settings that differ, and others. */
  readonly offered: ReadonlySignal<readonly string[]>;
  /** The one in force; empty for none. */
  readonly by: ReadonlySignal<string>;
  readonly expression: Signal<string>;
  readonly grouping: ReadonlySignal<Grouping>;

  readonly #chosen: Signal<string>;

  constructor(
    settings: Settings,
    traces: ReadonlySignal<readonly Trace[] | null>,
    names: ReadonlySignal<readonly string[]>,
  ) {
    this.#chosen = settings.text("group", "", true);
    this.expression = settings.text("group_by");
    this.offered = computed(() => {
      const all = traces.value ?? [];
      return [...differing(all), ...(all.some(({ tags }) => tags.length > 0) ? [TAGS] : []), REGEX];
    });
    this.by = computed(() => this.offered.value.find((name) => name === this.#chosen.value) ?? "");
    this.grouping = computed(() => compileGrouping(this.by.value, this.expression.value, names.value));
  }

  setBy(name: string): void {
    this.#chosen.value = name;
  }

  setExpression(text: string): void {
    this.expression.value = text;
  }
}

/** The grouping of runs of these names. */
export function compileGrouping(by: string, expression: string, names: readonly string[]): Grouping {
  const groupingBy = (sharedBy: SharedBy) => ({ sharedBy, error: null });
  switch (by) {
    case TAGS:
      return groupingBy(({ tags }) => tags.join(", ") || null);
    case REGEX:
      return expression === "" ? groupingBy(null) : groupingByName(expression, names);
    case "":
      return groupingBy(null);
    default:
      return groupingBy((trace) => settingOf(trace, by));
  }
}

/** Names the group by the first capture group of the expression, or by the whole match where it has none. */
function groupingByName(expression: string, names: readonly string[]): Grouping {
  const { matches, problem } = matchEach(expression, names);
  if (problem !== null) return { sharedBy: null, error: `${problem}; the runs are not grouped.` };
  const sharedBy = ({ run }: Trace) => {
    const match = matches.get(run);
    return (match?.hasGroup ? match.group : match?.whole) || null;
  };
  return { sharedBy, error: null };
}

/**
 * The group and the line style of each run, by id. Groups take their colours in the order in which they began, so that a
 * new group leaves the colours of the others; the shown runs of a group differ in their dashes.
 */
export function stylesOf(
  traces: readonly Trace[],
  isShown: (trace: Trace) => boolean,
  sharedBy: NonNullable<SharedBy>,
): Map<string, LineStyle & Grouped> {
  const begun = traces.toSorted((a, b) => a.started - b.started);
  const values = [...new Set(begun.map(sharedBy))].filter((value) => value !== null);
  const indices = new Map(values.map((value, index) => [value, index]));
  const shown = new Map<Setting | null, number>();
  return new Map(
    begun.map((trace) => {
      const value = sharedBy(trace);
      const index = value === null ? undefined : indices.get(value)!;
      const rank = shown.get(value) ?? 0;
      if (isShown(trace)) shown.set(value, rank + 1);
      const color = index === undefined ? UNRELATED : colorAt(index);
      return [
        trace.id,
        {
          group: value === null ? OTHER : settingText(value),
          shared: value,
          color,
          dash: dashAt(rank + roundOf(index ?? 0)),
        },
      ];
    }),
  );
}

/** The groups of some runs in the order of what they share, those without it last; none where the runs are not grouped. */
export function groupsOf<R extends Pick<LineStyle, "color"> & Grouped>(runs: readonly R[]): Group<R>[] {
  const grouped = runs.filter(({ group }) => group !== null);
  const members = Map.groupBy(grouped, ({ group, color }) => `${group} ${color === UNRELATED}`);
  const groups = [...members.values()].map((runs) => ({ name: runs[0]!.group!, color: runs[0]!.color, runs }));
  const isOther = ({ color }: Group<R>) => Number(color === UNRELATED);
  const orderOf = ({ runs }: Group<R>) => runs[0]!.shared ?? "";
  return groups.sort((a, b) => isOther(a) - isOther(b) || compareValues(orderOf(a), orderOf(b)));
}
