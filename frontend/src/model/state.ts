/** The state of the tab: signals to read, named actions to change them. */

import { batch, computed, type Signal, signal } from "@preact/signals";
import { fetchCurves, fetchSuggestions, fetchTraces } from "../api/client";
import type { Domain, Series } from "../chart/series";
import { Latest } from "../lib/latest";
import {
  type Curve,
  type CurveError,
  type Method,
  type Suggestion,
  type Trace,
  type TraceList,
  USES,
  type UseName,
} from "./types";
import { colorAt, compileFilter, type Run, seriesOf, startOf } from "./view";

const KIND = "range_test";
const SELECTED_AT_MOST = 10;

export const MAX_SMOOTHING = 0.99;
const DEFAULT_SMOOTHING = 0.6;

export class State {
  /** Null until the first answer. */
  readonly traces = signal<readonly Trace[] | null>(null);
  readonly methods = signal<readonly Method[]>([]);
  readonly method = signal("");
  readonly use = signal<UseName>("constant");
  readonly smoothing = signal(DEFAULT_SMOOTHING);
  readonly filter = signal("");
  readonly zoom = signal<Domain | null>(null);
  /** The run under the pointer, and the last one that was. */
  readonly focused = signal<string | null>(null);
  readonly preferred = signal<string | null>(null);
  /** What went wrong in the latest exchange with the server; null when it went well. */
  readonly problem = signal<string | null>(null);

  readonly #selected = signal<ReadonlySet<string>>(new Set());
  readonly #curves = signal<ReadonlyMap<string, Curve | CurveError>>(new Map());
  readonly #suggestions = signal<ReadonlyMap<string, Suggestion>>(new Map());

  readonly compiledFilter = computed(() => compileFilter(this.filter.value));
  readonly runs = computed<readonly Run[]>(() => (this.traces.value ?? []).map((trace) => this.#run(trace)));
  readonly listed = computed(() => this.runs.value.filter(({ trace }) => this.compiledFilter.value.matches(trace.run)));
  readonly shown = computed(() => this.listed.value.filter(({ isSelected }) => isSelected));
  readonly series = computed<readonly Series[]>(() => seriesOf(this.shown.value, this.smoothing.value));
  readonly isRunning = computed(() => this.runs.value.some(({ trace }) => trace.status === "running"));

  readonly #places = new Map<string, number>();
  readonly #curveVersions = new Map<string, string>();
  readonly #suggestionVersions = new Map<string, string>();
  readonly #refreshing = new Latest();
  readonly #loading = new Latest();

  /** Asks for the list of traces and for whatever changed in the selected ones. */
  async refresh(): Promise<void> {
    await this.#attempt(async () => {
      const signal = this.#refreshing.next();
      const list = await fetchTraces(signal);
      signal.throwIfAborted();
      this.#receive(list);
      await this.#load();
    });
  }

  /** Starts over after a first look that failed. */
  async retry(): Promise<void> {
    this.problem.value = null;
    await this.refresh();
  }

  async setSelected(ids: readonly string[], isSelected: boolean): Promise<void> {
    const selected = new Set(this.#selected.value);
    for (const id of ids) isSelected ? selected.add(id) : selected.delete(id);
    this.#selected.value = selected;
    await this.#attempt(() => this.#load());
  }

  async setMethod(name: string): Promise<void> {
    this.method.value = name;
    await this.#attempt(() => this.#load());
  }

  setUse(name: string): void {
    this.use.value = USES.find((use) => use === name) ?? this.use.value;
  }

  setSmoothing(weight: number): void {
    if (Number.isFinite(weight)) this.smoothing.value = Math.min(Math.max(weight, 0), MAX_SMOOTHING);
  }

  setFilter(text: string): void {
    this.filter.value = text;
  }

  zoomTo(domain: Domain | null): void {
    this.zoom.value = domain;
  }

  focus(id: string | null): void {
    batch(() => {
      this.focused.value = id;
      if (id !== null) this.preferred.value = id;
    });
  }

  #run(trace: Trace): Run {
    const start = startOf(trace, this.traces.value ?? []);
    const suggestion = this.#suggestions.value.get(trace.id);
    return {
      trace,
      start,
      label: start === null ? trace.run : `${trace.run} · ${start}`,
      color: colorAt(this.#places.get(trace.id) ?? 0),
      isSelected: this.#selected.value.has(trace.id),
      curve: this.#curves.value.get(trace.id),
      suggestion,
      use: suggestion?.uses.find(({ name }) => name === this.use.value) ?? null,
    };
  }

  #receive({ methods, traces }: TraceList): void {
    const tests = traces.filter(({ kind }) => kind === KIND);
    const selected = new Set(this.#selected.value);
    for (const { id } of tests) {
      if (this.#places.has(id)) continue;
      this.#places.set(id, this.#places.size);
      if (selected.size < SELECTED_AT_MOST) selected.add(id);
    }
    batch(() => {
      this.methods.value = methods;
      if (!methods.some(({ name }) => name === this.method.value)) this.method.value = methods[0]?.name ?? "";
      this.#selected.value = selected;
      this.traces.value = tests;
    });
  }

  /** Runs a request to its end; a failure becomes words, and an abort in favour of a later request nothing. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.problem.value = null;
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError") return;
      this.problem.value = error instanceof Error ? error.message : String(error);
    }
  }

  /** Fetches curves and suggestions of the selected traces whose rows, status, trials or method are not the loaded ones. */
  async #load(): Promise<void> {
    const signal = this.#loading.next();
    const method = this.method.value;
    const readable = (this.traces.value ?? []).filter(({ id, rows }) => rows > 0 && this.#selected.value.has(id));
    const curves = new Map(readable.map(({ id, rows, status }) => [id, `${rows} ${status}`]));
    const suggestions = new Map(readable.map(({ id, trials }) => [id, `${curves.get(id)} ${trials.length} ${method}`]));
    await Promise.all([
      update(this.#curves, this.#curveVersions, curves, signal, (ids) => fetchCurves(ids, signal)),
      update(this.#suggestions, this.#suggestionVersions, suggestions, signal, (ids) =>
        fetchSuggestions(ids, method, signal),
      ),
    ]);
  }
}

/** Loads the entries whose version is not the wanted one, and only those. */
async function update<T extends { readonly id: string }>(
  entries: Signal<ReadonlyMap<string, T>>,
  versions: Map<string, string>,
  wanted: ReadonlyMap<string, string>,
  signal: AbortSignal,
  load: (ids: readonly string[]) => Promise<T[]>,
): Promise<void> {
  const stale = [...wanted].filter(([id, version]) => versions.get(id) !== version);
  if (stale.length === 0) return;
  const loaded = await load(stale.map(([id]) => id));
  signal.throwIfAborted();
  for (const [id, version] of stale) versions.set(id, version);
  entries.value = new Map([...entries.value, ...loaded.map((entry) => [entry.id, entry] as const)]);
}
