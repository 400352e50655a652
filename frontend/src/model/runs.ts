/** The traces that there are, which of them are chosen, and what every view shows of them. */

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { isAlike, isSame, keep } from "../lib/same";
import { type Group, Groups, groupsOf, looksOf } from "./groups";
import { lookAt, PLAIN, Places } from "./palette";
import { inRoom, readSelection, VIEWS, type Wanted, writeSelection } from "./selection";
import type { Settings } from "./settings";
import type { Trace } from "./types";
import { compileFilter, type Run, startsOf } from "./view";

export class Runs {
  /** Null until the first answer. */
  readonly traces = signal<readonly Trace[] | null>(null);
  readonly filter: Signal<string>;
  readonly compiledFilter = computed(() => compileFilter(this.filter.value));
  readonly groups: Groups;
  /** The run under the pointer, and the last one that was. */
  readonly focused = signal<string | null>(null);
  readonly preferred = signal<string | null>(null);
  /** The run under the pointer in a chart. */
  readonly pointed = signal<string | null>(null);

  readonly #selected = signal<ReadonlySet<string>>(new Set());
  /** What an address wants chosen, until somebody chooses. */
  readonly #wanted = signal<Wanted | null>(null);
  readonly #known = new Set<string>();
  readonly #places = new Places(VIEWS);

  constructor(settings: Settings) {
    this.filter = settings.text("filter");
    this.groups = new Groups(settings);
    settings.add("runs", {
      isPreference: false,
      write: () => this.#wanted.value?.text ?? this.#selection.value,
      read: (text) => this.#want(text),
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

  /** As `focus`, from within a chart: nothing is preferred, or the chart would move under the pointer. */
  point(id: string | null): void {
    batch(() => {
      this.focused.value = id;
      this.pointed.value = id;
    });
  }

  select(ids: readonly string[], isSelected: boolean): void {
    batch(() => {
      this.#wanted.value = null;
      if (isSelected) this.#add(new Set(ids), this.traces.value ?? []);
      else this.#remove(new Set(ids));
    });
  }

  /** Chooses one run of several. */
  selectOnly(id: string, among: readonly string[]): void {
    batch(() => {
      this.select(among, false);
      this.select([id], true);
    });
  }

  /** New traces are chosen while their view has room, unless an address says which. */
  receive(answer: readonly Trace[]): void {
    const traces = keep(this.traces.value ?? [], answer, ({ id }) => id, isSame);
    const added = traces.filter(({ id }) => !this.#known.has(id));
    for (const { id } of added) this.#known.add(id);
    const chosen = traces.filter(({ id }) => this.#selected.value.has(id));
    batch(() => {
      this.traces.value = traces;
      this.#add(inRoom(added, chosen), traces);
      this.#obey(added);
    });
  }

  /** The traces of a view as it shows them. */
  describe(traces: readonly Trace[]): Run[] {
    const selected = this.#selected.value;
    const { nameOf } = this.groups.grouping.value;
    const looks = nameOf && looksOf(traces, ({ id }) => selected.has(id), nameOf);
    const starts = startsOf(traces);
    return traces.map((trace) => {
      const { id, run } = trace;
      const start = starts.get(id) ?? null;
      const isSelected = selected.has(id);
      const label = start === null ? run : `${run} · ${start}`;
      const look = looks?.get(id) ?? { group: null, ...(isSelected ? lookAt(this.#places.of(id) ?? 0) : PLAIN) };
      return { trace, start, label, isSelected, error: null, ...look };
    });
  }

  /** Null where it is what everybody sees who chooses nothing. */
  readonly #selection = computed(() => {
    const traces = this.traces.value ?? [];
    const [chosen, usual] = [this.#selected.value, inRoom(traces, [])];
    if (traces.every(({ id }) => chosen.has(id) === usual.has(id))) return null;
    return writeSelection(
      traces.map(({ id }) => id),
      chosen,
    );
  });

  #want(text: string | undefined): void {
    const traces = this.traces.value ?? [];
    if (text === undefined) {
      this.#wanted.value = null;
      const usual = inRoom(traces, []);
      this.#choose(traces, (id) => usual.has(id));
      return;
    }
    const matches = readSelection(text);
    if (!matches) return;
    this.#wanted.value = { text, matches, since: Date.now() / 1000 };
    this.#obey(traces);
  }

  /** An address knows nothing of what began after it was opened. */
  #obey(traces: readonly Trace[]): void {
    const wanted = this.#wanted.value;
    if (!wanted) return;
    const meant = traces.filter(({ started }) => started <= wanted.since);
    this.#choose(meant, wanted.matches);
    if (meant.length < traces.length) this.#wanted.value = null;
  }

  #choose(traces: readonly Trace[], isWanted: (id: string) => boolean): void {
    const ids = traces.map(({ id }) => id);
    this.#remove(new Set(ids.filter((id) => !isWanted(id))));
    this.#add(new Set(ids.filter(isWanted)), this.traces.value ?? []);
  }

  #remove(ids: ReadonlySet<string>): void {
    this.#selected.value = new Set([...this.#selected.value].filter((id) => !ids.has(id)));
  }

  #add(ids: ReadonlySet<string>, traces: readonly Trace[]): void {
    if (ids.size === 0) return;
    const selected = this.#selected.value;
    const added = traces.filter(({ id }) => ids.has(id) && !selected.has(id));
    this.#places.seat(
      added,
      traces.filter(({ id }) => selected.has(id)),
    );
    this.#selected.value = new Set([...selected, ...ids]);
  }
}

/** The runs that a view is about. */
export class Listing<R extends Run> {
  readonly all: ReadonlySignal<readonly R[]>;
  /** Those that the filter lets through. */
  readonly listed: ReadonlySignal<readonly R[]>;
  /** Those of them that are chosen. */
  readonly shown: ReadonlySignal<readonly R[]>;
  readonly groups: ReadonlySignal<readonly Group<R>[]>;

  constructor(runs: Runs, isAbout: (trace: Trace) => boolean, extend: (run: Run) => R) {
    this.all = kept(() => runs.describe((runs.traces.value ?? []).filter(isAbout)).map(extend));
    this.listed = kept(() => this.all.value.filter(({ trace }) => runs.compiledFilter.value.matches(trace.run)));
    this.shown = kept(() => this.listed.value.filter(({ isSelected }) => isSelected));
    this.groups = computed(() => groupsOf(this.listed.value));
  }
}

/** Runs that stay the same objects, in the same list, for as long as nothing about them changes. */
function kept<R extends Run>(compute: () => readonly R[]): ReadonlySignal<readonly R[]> {
  let before: readonly R[] = [];
  return computed(() => {
    before = keep(before, compute(), ({ trace }) => trace.id, isAlike);
    return before;
  });
}

/** The chosen traces with rows, each with the version its rows have. */
export function versionsOf(runs: readonly Run[]): Map<string, string> {
  const readable = runs.filter(({ trace, isSelected }) => isSelected && trace.rows > 0);
  return new Map(readable.map(({ trace: { id, rows, status } }) => [id, `${rows} ${status}`]));
}
