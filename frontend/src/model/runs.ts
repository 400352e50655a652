/** The traces that there are, which of them are chosen, and what every view shows of them. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { isAlike, isSame, keep } from "../lib/same";
import { type Group, Groups, groupsOf, looksOf } from "./groups";
import { lookAt, PLAIN, Places } from "./palette";
import type { Settings } from "./settings";
import type { Trace } from "./types";
import { compileFilter, isSchedule, isSweep, type Run, startsOf } from "./view";

const SELECTED_AT_MOST = 10;
const VIEWS = [isSweep, isSchedule];

export class Runs {
  /** Null until the first answer. */
  readonly traces = signal<readonly Trace[] | null>(null);
  readonly filter = signal("");
  readonly compiledFilter = computed(() => compileFilter(this.filter.value));
  readonly groups: Groups;
  /** The run under the pointer, and the last one that was. */
  readonly focused = signal<string | null>(null);
  readonly preferred = signal<string | null>(null);
  /** The run under the pointer in a chart. */
  readonly pointed = signal<string | null>(null);

  readonly #selected = signal<ReadonlySet<string>>(new Set());
  readonly #known = new Set<string>();
  readonly #places = new Places(VIEWS);

  constructor(settings: Settings) {
    this.groups = new Groups(settings);
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
    const wanted = new Set(ids);
    if (isSelected) this.#add(wanted, this.traces.value ?? []);
    else this.#selected.value = new Set([...this.#selected.value].filter((id) => !wanted.has(id)));
  }

  /** Chooses one run of several. */
  selectOnly(id: string, among: readonly string[]): void {
    batch(() => {
      this.select(among, false);
      this.select([id], true);
    });
  }

  /** New traces are chosen while their view has room, those of the finder first. */
  receive(answer: readonly Trace[]): void {
    const traces = keep(this.traces.value ?? [], answer, ({ id }) => id, isSame);
    const selected = this.#selected.value;
    const rooms = VIEWS.map((isAbout) => ({
      isAbout,
      left: SELECTED_AT_MOST - traces.filter((trace) => isAbout(trace) && selected.has(trace.id)).length,
    }));
    const added = new Set<string>();
    for (const trace of [...traces.filter(isSweep), ...traces]) {
      if (this.#known.has(trace.id)) continue;
      this.#known.add(trace.id);
      const theirs = rooms.filter(({ isAbout }) => isAbout(trace));
      if (!theirs.some(({ left }) => left > 0)) continue;
      for (const room of theirs) room.left -= 1;
      added.add(trace.id);
    }
    batch(() => {
      if (added.size > 0) this.#add(added, traces);
      this.traces.value = traces;
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

  #add(ids: ReadonlySet<string>, traces: readonly Trace[]): void {
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
