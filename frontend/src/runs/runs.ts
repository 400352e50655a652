/** All traces, the selection among them, and the runs that each view makes of them. */

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { sortedByName } from "../base/collation";
import { isDeepEqual, isShallowEqual, keep } from "../base/equality";
import { PaletteSlots, PLAIN, styleAt } from "../chart/palette";
import type { Trace } from "../server/types";
import type { Settings } from "../settings/settings";
import { factOf, telling } from "./differing";
import { type Group, Groups, groupsOf, stylesOf } from "./groups";
import { compileFilter, filterTexts, pinnedFirst, type Run, wordsApart } from "./run";
import {
  type AddressedSelection,
  inRoom,
  offered,
  readSelection,
  usual,
  VIEW_PREDICATES,
  writeSelection,
} from "./selection";

export class Runs {
  /** All traces by the names of their runs, those of one run by their start. Null until the first answer. */
  readonly traces = signal<readonly Trace[] | null>(null);
  /** The number of traces that the server does not list. */
  readonly omitted = signal(0);
  readonly filter: Signal<string>;
  /** The names of all runs, the same list for as long as none comes or goes, since searching it is costly. */
  readonly #names = signal<readonly string[]>([]);
  /** All that a filter is looked for in, kept likewise. */
  readonly #texts = signal<readonly string[]>([]);
  readonly compiledFilter = computed(() => compileFilter(this.filter.value, this.#texts.value));
  readonly groups: Groups;
  /** The id of the run that others are compared with: chosen, listed and shown whatever else is. */
  readonly #pinned: Signal<string | null>;
  /** The id of the run under the pointer, in a list, a table or a chart. */
  readonly focused = signal<string | null>(null);
  /** The id of the run that the pointer was on last, charts apart. */
  readonly preferred: Signal<string | null>;
  /** The id of the run under the pointer in a chart. */
  readonly pointed = signal<string | null>(null);

  readonly #selected = signal<ReadonlySet<string>>(new Set());
  /** The selection of the address, until somebody chooses. */
  readonly #addressed = signal<AddressedSelection | null>(null);
  readonly #known = new Set<string>();
  readonly #slots = new PaletteSlots(VIEW_PREDICATES);

  constructor(settings: Settings) {
    this.filter = settings.text("filter");
    this.preferred = settings.data("run", readId);
    this.#pinned = settings.data("pin", readId);
    this.groups = new Groups(settings, this.traces, this.#names);
    settings.add("runs", {
      isPreference: false,
      write: () => this.#addressed.value?.text ?? this.#selection.value,
      read: (text) => this.#readAddress(text),
    });
  }

  setFilter(text: string): void {
    this.filter.value = text;
  }

  focus(id: string | null): void {
    batch(() => {
      this.focused.value = id;
      this.pointed.value = null;
      if (id !== null) this.preferred.value = id;
    });
  }

  /**
   * Focuses a run from within a chart. It does not become the preferred one, since the pointer crosses many lines on its
   * way. Null ends only the focus of a chart, since it may come after the pointer has entered a row.
   */
  point(id: string | null): void {
    if (id === null && this.pointed.value === null) return;
    batch(() => {
      this.focused.value = id;
      this.pointed.value = id;
    });
  }

  /** Pins a run in place of another one, or no longer. */
  pin(id: string): void {
    batch(() => {
      this.#pinned.value = this.#pinned.value === id ? null : id;
      this.select([id], true);
    });
  }

  select(ids: readonly string[], isSelected: boolean): void {
    const chosen = new Set(ids);
    batch(() => {
      this.#addressed.value = null;
      // Who unticks that very run wants it gone.
      if (!isSelected && chosen.size === 1 && chosen.has(this.#pinned.value!)) this.#pinned.value = null;
      const others = [...this.#selected.value].filter((id) => !chosen.has(id));
      this.#choose(isSelected ? [...others, ...chosen] : others);
    });
  }

  /** Chooses one run of `among`, and none of the others there. */
  selectOnly(id: string, among: readonly string[]): void {
    batch(() => {
      this.select(among, false);
      this.select([id], true);
    });
  }

  /**
   * Takes a list of traces. New ones are chosen while their views have room, and as long as nobody chose, in place of older
   * ones; an address may choose among the others.
   */
  receive(answer: readonly Trace[], omitted: number): void {
    const sorted = sortedByName(answer, ({ run }) => run);
    const traces = keep(this.traces.value ?? [], sorted, ({ id }) => id, isDeepEqual);
    const fresh = new Set(this.#freshOf(traces));
    const isUsual = this.#addressed.value === null && this.#selection.value === null;
    for (const { id } of traces) this.#known.add(id);
    batch(() => {
      this.traces.value = traces;
      this.#names.value = distinct(
        this.#names.value,
        traces.map(({ run }) => run),
      );
      this.#texts.value = distinct(this.#texts.value, traces.flatMap(filterTexts));
      this.omitted.value = omitted;
      const known = traces.filter((trace) => !fresh.has(trace));
      this.#obey(known);
      if (fresh.size === 0 && !isUsual) return;
      this.#addressed.value = null;
      const [chosen, added] = [this.#chosen, offered([...fresh], this.#chosen, traces)];
      if (isUsual) this.#choose(inRoom([...offered(known, [], traces), ...added], [], traces));
      else this.#choose([...this.#selected.value, ...inRoom(added, chosen, traces)]);
    });
  }

  /**
   * The traces that are neither in an earlier list nor in the address. The first list after an address was opened has
   * none: it counts as known to the address. Times cannot decide that, since the clock of the training may be ahead of
   * the browser's.
   */
  #freshOf(traces: readonly Trace[]): Trace[] {
    const addressed = this.#addressed.value;
    if (addressed && this.#known.size === 0) return [];
    return traces.filter(({ id }) => !this.#known.has(id) && !addressed?.names.has(id));
  }

  /** The runs of some traces: each trace with its label, its line style, and whether it is chosen. */
  describe(traces: readonly Trace[]): Run[] {
    const selected = this.#selected.value;
    const { sharedBy } = this.groups.grouping.value;
    const styles = sharedBy && stylesOf(traces, ({ id }) => selected.has(id), sharedBy);
    const [words, names] = [wordsApart(traces), telling(traces)];
    return traces.map((trace) => {
      const { id, run } = trace;
      const apart = words.get(id) ?? null;
      const isSelected = selected.has(id);
      const isPinned = id === this.#pinned.value;
      const label = apart === null ? run : `${run} · ${apart}`;
      const style = styles?.get(id) ?? {
        group: null,
        shared: null,
        ...(isSelected ? styleAt(this.#slots.of(id) ?? 0) : PLAIN),
      };
      const facts = names.map((name) => factOf(trace, name)).filter((fact) => fact !== null);
      return { trace, apart, label, facts: facts.join(" · "), isSelected, isPinned, error: null, ...style };
    });
  }

  readonly #selection = computed(() => {
    const chosen = this.#chosen.map(({ id }) => [id, this.#slots.of(id)!] as const);
    return writeSelection(this.traces.value ?? [], new Map(chosen));
  });

  get #chosen(): Trace[] {
    return (this.traces.value ?? []).filter(({ id }) => this.#selected.value.has(id));
  }

  #readAddress(text: string | undefined): void {
    const traces = this.traces.value ?? [];
    const addressed = text === undefined ? undefined : readSelection(text);
    if (addressed) {
      this.#addressed.value = addressed;
      this.#obey(traces);
    } else if (text === undefined) {
      this.#addressed.value = null;
      this.#selected.value = new Set();
      this.#choose(usual(traces));
    }
  }

  /** Chooses among the traces as the address says, if there is one. */
  #obey(traces: readonly Trace[]): void {
    const addressed = this.#addressed.value;
    if (!addressed) return;
    const chosen = addressed.choose(traces);
    for (const [id, slot] of chosen) this.#slots.put(id, slot);
    this.#selected.value = new Set(chosen.keys());
    this.#choose(chosen.keys());
  }

  /** Chooses these runs and no others, each with a slot of its own. */
  #choose(ids: Iterable<string>): void {
    const [before, after] = [this.#selected.value, new Set(ids)];
    if (this.#pinned.value !== null) after.add(this.#pinned.value);
    const chosen = (this.traces.value ?? []).filter(({ id }) => after.has(id));
    this.#slots.assign(
      chosen.filter(({ id }) => !before.has(id)),
      chosen.filter(({ id }) => before.has(id)),
    );
    this.#selected.value = after;
  }
}

/** The runs of one view. */
export class ViewRuns<R extends Run = Run> {
  readonly all: ReadonlySignal<readonly R[]>;
  /** The runs that the filter lets through, after the pinned one. */
  readonly listed: ReadonlySignal<readonly R[]>;
  /** The listed runs that are chosen. */
  readonly shown: ReadonlySignal<readonly R[]>;
  readonly groups: ReadonlySignal<readonly Group<R>[]>;

  constructor(runs: Runs, isAbout: (trace: Trace) => boolean, extend: (run: Run) => R) {
    this.all = stable(() => runs.describe((runs.traces.value ?? []).filter(isAbout)).map(extend));
    this.listed = stable(() => {
      const { matches } = runs.compiledFilter.value;
      return pinnedFirst(this.all.value.filter(({ isPinned, trace }) => isPinned || matches(trace)));
    });
    this.shown = stable(() => this.listed.value.filter(({ isSelected }) => isSelected));
    this.groups = computed(() => groupsOf(this.listed.value));
  }
}

/** The texts, each once; the same list as before for as long as they are the same. */
function distinct(before: readonly string[], texts: readonly string[]): readonly string[] {
  return keep(before, [...new Set(texts)], String, Object.is);
}

/** Runs that stay the same objects, in the same list, for as long as nothing about them changes. */
function stable<R extends Run>(compute: () => readonly R[]): ReadonlySignal<readonly R[]> {
  let before: readonly R[] = [];
  return computed(() => {
    before = keep(before, compute(), ({ trace }) => trace.id, isShallowEqual);
    return before;
  });
}

export function readId(id: unknown): string | undefined {
  return typeof id === "string" ? id : undefined;
}

/** The version of the rows of each chosen trace that has rows, by id. */
export function versionsOf(runs: readonly Run[]): Map<string, string> {
  const readable = runs.filter(({ trace, isSelected }) => isSelected && trace.rows > 0);
  return new Map(readable.map(({ trace: { id, rows, status } }) => [id, `${rows} ${status}`]));
}
