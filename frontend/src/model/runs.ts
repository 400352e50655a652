/** The traces that there are, which of them are chosen, and what every view shows of them. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Trace } from "./types";
import { colorAt, compileFilter, isSchedule, isSweep, type Run, startOf } from "./view";

const SELECTED_AT_MOST = 10;

export class Runs {
  /** Null until the first answer. */
  readonly traces = signal<readonly Trace[] | null>(null);
  readonly filter = signal("");
  readonly compiledFilter = computed(() => compileFilter(this.filter.value));
  /** The run under the pointer, and the last one that was. */
  readonly focused = signal<string | null>(null);
  readonly preferred = signal<string | null>(null);

  readonly #selected = signal<ReadonlySet<string>>(new Set());
  readonly #places = new Map<string, number>();

  setFilter(text: string): void {
    this.filter.value = text;
  }

  focus(id: string | null): void {
    batch(() => {
      this.focused.value = id;
      if (id !== null) this.preferred.value = id;
    });
  }

  /** As `focus`, from within a chart: nothing is preferred, or the chart would move under the pointer. */
  point(id: string | null): void {
    this.focused.value = id;
  }

  select(ids: readonly string[], isSelected: boolean): void {
    const selected = new Set(this.#selected.value);
    for (const id of ids) isSelected ? selected.add(id) : selected.delete(id);
    this.#selected.value = selected;
  }

  /** New traces get a colour, those of the finder first, and are chosen while their view has room. */
  receive(traces: readonly Trace[]): void {
    const selected = new Set(this.#selected.value);
    const hasRoom = (isAbout: (trace: Trace) => boolean) =>
      traces.filter((trace) => isAbout(trace) && selected.has(trace.id)).length < SELECTED_AT_MOST;
    for (const trace of [...traces.filter(isSweep), ...traces]) {
      if (this.#places.has(trace.id)) continue;
      this.#places.set(trace.id, this.#places.size);
      if ([isSweep, isSchedule].some((isAbout) => isAbout(trace) && hasRoom(isAbout))) selected.add(trace.id);
    }
    batch(() => {
      this.#selected.value = selected;
      this.traces.value = traces;
    });
  }

  /** A trace as one of its view, beside the others there. */
  describe(trace: Trace, others: readonly Trace[]): Run {
    const start = startOf(trace, others);
    return {
      trace,
      start,
      label: start === null ? trace.run : `${trace.run} · ${start}`,
      color: colorAt(this.#places.get(trace.id) ?? 0),
      dash: "",
      isSelected: this.#selected.value.has(trace.id),
      error: null,
    };
  }
}

/** The runs that a view is about. */
export class Listing<R extends Run> {
  readonly all: ReadonlySignal<readonly R[]>;
  /** Those that the filter lets through. */
  readonly listed: ReadonlySignal<readonly R[]>;
  /** Those of them that are chosen. */
  readonly shown: ReadonlySignal<readonly R[]>;

  constructor(runs: Runs, isAbout: (trace: Trace) => boolean, extend: (run: Run) => R) {
    this.all = computed(() => {
      const traces = (runs.traces.value ?? []).filter(isAbout);
      return traces.map((trace) => extend(runs.describe(trace, traces)));
    });
    this.listed = computed(() => this.all.value.filter(({ trace }) => runs.compiledFilter.value.matches(trace.run)));
    this.shown = computed(() => this.listed.value.filter(({ isSelected }) => isSelected));
  }
}

/** The chosen traces with rows, each with the version its rows have. */
export function versionsOf(runs: readonly Run[]): Map<string, string> {
  const readable = runs.filter(({ trace, isSelected }) => isSelected && trace.rows > 0);
  return new Map(readable.map(({ trace: { id, rows, status } }) => [id, `${rows} ${status}`]));
}
