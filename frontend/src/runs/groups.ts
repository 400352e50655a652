/** Groups of runs, each with a colour. */

import { computed, type ReadonlySignal, type Signal } from "@preact/signals";
import { compareNames } from "../base/collation";
import { matchEach } from "../base/regex";
import { colorAt, dashAt, type LineStyle, roundOf, UNRELATED } from "../chart/palette";
import type { Trace } from "../server/types";
import type { Settings } from "../settings/settings";

export const GROUPINGS = ["none", "optimizer", "batch", "regex"] as const;
export type GroupingName = (typeof GROUPINGS)[number];

/** The name of the group for all runs without a group of their own. */
const OTHER = "other";

/** Names the group of a trace; null where runs are not grouped. */
type NameOf = ((trace: Trace) => string | null) | null;

export interface Grouping {
  readonly nameOf: NameOf;
  /** The reason why the expression cannot be used; null for a valid one. */
  readonly error: string | null;
}

/** A group of runs, and its colour. */
export interface Group<R> {
  readonly name: string;
  readonly color: string;
  readonly runs: readonly R[];
}

export class Groups {
  readonly by: Signal<GroupingName>;
  readonly expression: Signal<string>;
  readonly grouping: ReadonlySignal<Grouping>;

  constructor(settings: Settings, names: ReadonlySignal<readonly string[]>) {
    this.by = settings.choice("group", GROUPINGS, "none");
    this.expression = settings.text("group_by");
    this.grouping = computed(() => compileGrouping(this.by.value, this.expression.value, names.value));
  }

  setBy(name: GroupingName): void {
    this.by.value = name;
  }

  setExpression(text: string): void {
    this.expression.value = text;
  }
}

/** The grouping of runs of these names. */
export function compileGrouping(by: GroupingName, expression: string, names: readonly string[]): Grouping {
  const groupingBy = (nameOf: NameOf) => ({ nameOf, error: null });
  switch (by) {
    case "optimizer":
      return groupingBy(({ optimizer }) => optimizer);
    case "batch":
      return groupingBy(({ batchSize }) => (batchSize === null ? null : String(batchSize)));
    case "regex":
      return expression === "" ? groupingBy(null) : groupingByName(expression, names);
    default:
      return groupingBy(null);
  }
}

/** Names the group by the first capture group of the expression, or by the whole match where it has none. */
function groupingByName(expression: string, names: readonly string[]): Grouping {
  const { matches, problem } = matchEach(expression, names);
  if (problem !== null) return { nameOf: null, error: `${problem}; the runs are not grouped.` };
  const nameOf = ({ run }: Trace) => {
    const match = matches.get(run);
    return (match?.hasGroup ? match.group : match?.whole) || null;
  };
  return { nameOf, error: null };
}

/**
 * The group and the line style of each run, by id. Groups take their colours in the order in which they began, so that a
 * new group leaves the colours of the others; the shown runs of a group differ in their dashes.
 */
export function stylesOf(
  traces: readonly Trace[],
  isShown: (trace: Trace) => boolean,
  nameOf: NonNullable<NameOf>,
): Map<string, LineStyle & { readonly group: string }> {
  const begun = traces.toSorted((a, b) => a.started - b.started);
  const names = [...new Set(begun.map(nameOf))].filter((name) => name !== null);
  const indices = new Map(names.map((name, index) => [name, index]));
  const shown = new Map<string | null, number>();
  return new Map(
    begun.map((trace) => {
      const name = nameOf(trace);
      const index = name === null ? undefined : indices.get(name)!;
      const rank = shown.get(name) ?? 0;
      if (isShown(trace)) shown.set(name, rank + 1);
      const color = index === undefined ? UNRELATED : colorAt(index);
      return [trace.id, { group: name ?? OTHER, color, dash: dashAt(rank + roundOf(index ?? 0)) }];
    }),
  );
}

/** The groups of some runs by name, those without one last; none where the runs are not grouped. */
export function groupsOf<R extends { readonly group: string | null; readonly color: string }>(
  runs: readonly R[],
): Group<R>[] {
  const grouped = runs.filter(({ group }) => group !== null);
  const members = Map.groupBy(grouped, ({ group, color }) => `${group} ${color === UNRELATED}`);
  const groups = [...members.values()].map((runs) => ({ name: runs[0]!.group!, color: runs[0]!.color, runs }));
  const isOther = ({ color }: Group<R>) => Number(color === UNRELATED);
  return groups.sort((a, b) => isOther(a) - isOther(b) || compareNames(a.name, b.name));
}
