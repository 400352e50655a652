/** The state of the LR Finder view: loss against learning rate, and the rate to take from it. */

import { computed, signal } from "@preact/signals";
import { fetchCurves, fetchSuggestions, type Query } from "../api/client";
import type { Domain } from "../chart/scales";
import type { Series } from "../chart/series";
import { Latest } from "../lib/latest";
import { byId, Entries } from "./entries";
import type { Exchange } from "./exchange";
import { Listing, type Runs, versionsOf } from "./runs";
import {
  type Curve,
  type Method,
  type Points,
  type Suggestion,
  type Trace,
  type Unreadable,
  USES,
  type UseName,
} from "./types";
import { isSweep, type Run, type SweepRun, seriesOf } from "./view";

export const MAX_SMOOTHING = 0.99;
const DEFAULT_SMOOTHING = 0.6;

export class Finder {
  readonly methods = signal<readonly Method[]>([]);
  readonly method = signal("");
  readonly use = signal<UseName>("constant");
  readonly points = signal<Points>("step");
  readonly smoothing = signal(DEFAULT_SMOOTHING);
  readonly zoom = signal<Domain | null>(null);
  /** A rate picked by hand. */
  readonly picked = signal<number | null>(null);
  readonly runs: Listing<SweepRun>;
  /** Only trainings have points per epoch. */
  readonly hasTrainings = computed(() => this.runs.all.value.some(({ trace }) => trace.kind === "training"));
  readonly series = computed<readonly Series[]>(() => seriesOf(this.runs.shown.value, this.smoothing.value));

  readonly #exchange: Exchange;
  readonly #curves = new Entries<Curve | Unreadable>();
  readonly #suggestions = new Entries<Suggestion>();
  readonly #loading = new Latest();

  constructor(runs: Runs, exchange: Exchange) {
    this.#exchange = exchange;
    this.runs = new Listing(runs, isSweep, (run) => this.#extend(run));
  }

  receive(methods: readonly Method[]): void {
    this.methods.value = methods;
    if (!methods.some(({ name }) => name === this.method.value)) this.method.value = methods[0]?.name ?? "";
  }

  async setMethod(name: string): Promise<void> {
    this.method.value = name;
    await this.#exchange.attempt(() => this.load());
  }

  async setPoints(points: Points): Promise<void> {
    this.points.value = points;
    await this.#exchange.attempt(() => this.load());
  }

  setUse(name: string): void {
    this.use.value = USES.find((use) => use === name) ?? this.use.value;
  }

  setSmoothing(weight: number): void {
    if (Number.isFinite(weight)) this.smoothing.value = Math.min(Math.max(weight, 0), MAX_SMOOTHING);
  }

  zoomTo(domain: Domain | null): void {
    this.zoom.value = domain;
  }

  pick(rate: number | null): void {
    this.picked.value = rate;
  }

  /** Fetches curves and suggestions of the selected traces where rows, trials, points or method are not the loaded ones. */
  async load(): Promise<void> {
    const signal = this.#loading.next();
    const [method, points] = [this.method.value, this.points.value];
    // One point per recorded step is what the server sends unasked.
    const by: Query = points === "epoch" ? { by: points } : {};
    const chosen = this.runs.all.value.map(({ trace }) => trace);
    const rows = versionsOf(this.runs.all.value);
    const versioned = (versionOf: (trace: Trace) => string) =>
      new Map(chosen.filter(({ id }) => rows.has(id)).map((trace) => [trace.id, versionOf(trace)]));
    const curveVersion = ({ id, kind }: Trace) => `${rows.get(id)} ${kind === "training" ? points : ""}`;
    const suggestionVersion = (trace: Trace) => `${curveVersion(trace)} ${trace.trials.length} ${method}`;
    await Promise.all([
      this.#curves.update(versioned(curveVersion), signal, async (ids) => byId(await fetchCurves(ids, by, signal))),
      this.#suggestions.update(versioned(suggestionVersion), signal, async (ids) =>
        byId(await fetchSuggestions(ids, { method, ...by }, signal)),
      ),
    ]);
  }

  #extend(run: Run): SweepRun {
    const curve = this.#curves.get(run.trace.id);
    const suggestion = this.#suggestions.get(run.trace.id);
    return {
      ...run,
      error: curve && "error" in curve ? curve.error : null,
      curve,
      suggestion,
      method: this.methods.value.find(({ name }) => name === suggestion?.method)?.label ?? null,
      use: suggestion?.uses.find(({ name }) => name === this.use.value) ?? null,
    };
  }
}
