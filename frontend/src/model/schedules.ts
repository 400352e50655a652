/** The state of the Schedules view: the learning rate over time, with a scalar beside it. */

import { computed, signal } from "@preact/signals";
import { fetchScalar, fetchScalars, fetchSchedules } from "../api/client";
import type { ScaleKind } from "../chart/scales";
import type { ScheduleZoom } from "../chart/schedule";
import { Latest } from "../lib/latest";
import { byId, Entries } from "./entries";
import type { Exchange } from "./exchange";
import { leftOut, linesOf, X_AXES, type XAxis } from "./lines";
import { choose, missing, overlaysOf } from "./overlays";
import { PLANNED } from "./palette";
import { Listing, type Runs, versionsOf } from "./runs";
import type { Scalar, ScalarName, Schedule, Unreadable } from "./types";
import { isSchedule, type Run, type ScheduleRun } from "./view";

/** The list of scalars may be long and seldom changes. */
const LIST_LASTS_MS = 10_000;
const LIST = "all";

export class Schedules {
  readonly xAxis = signal<XAxis>("step");
  readonly yScale = signal<ScaleKind>("log");
  /** The tag of the scalars to lay over; empty for none. */
  readonly tag = signal("");
  readonly tagFilter = signal("");
  readonly zoom = signal<ScheduleZoom | null>(null);
  readonly runs: Listing<ScheduleRun>;

  readonly #all: Runs;
  readonly #exchange: Exchange;
  readonly #schedules = new Entries<Schedule | Unreadable>();
  readonly #names = new Entries<readonly ScalarName[]>();
  readonly #scalars = new Entries<Scalar>();
  readonly #loading = new Latest();
  /** How often was looked: a scalar does not say whether it grew. */
  #looks = 0;

  readonly #scalarNames = computed(() => this.#names.get(LIST) ?? []);
  readonly tags = computed(() => [...new Set(this.#scalarNames.value.map(({ tag }) => tag))].sort());
  readonly lines = computed(() => linesOf(this.runs.shown.value, this.xAxis.value));
  readonly #choice = computed(() =>
    choose(this.#scalarNames.value, this.tag.value, this.#traces, this.runs.shown.value),
  );
  readonly #loaded = computed(() => this.#choice.value.names.flatMap((name) => this.#scalars.get(keyOf(name)) ?? []));
  readonly overlays = computed(() =>
    overlaysOf(this.#loaded.value, this.#traces, this.runs.shown.value, this.xAxis.value),
  );
  /** What is not drawn and why, in sentences. */
  readonly notes = computed(() => [...leftOut(this.runs.shown.value, this.xAxis.value), ...this.#missing()]);

  constructor(runs: Runs, exchange: Exchange) {
    this.#all = runs;
    this.#exchange = exchange;
    this.runs = new Listing(runs, isSchedule, (run) => this.#extend(run));
  }

  setXAxis(name: string): void {
    this.xAxis.value = X_AXES.find((axis) => axis === name) ?? this.xAxis.value;
    this.zoom.value = null;
  }

  setYScale(kind: ScaleKind): void {
    this.yScale.value = kind;
    if (this.zoom.value) this.zoom.value = { ...this.zoom.value, y: null };
  }

  async setTag(tag: string): Promise<void> {
    this.tag.value = tag;
    if (this.zoom.value) this.zoom.value = { ...this.zoom.value, right: null };
    await this.#exchange.attempt(() => this.load());
  }

  setTagFilter(text: string): void {
    this.tagFilter.value = text;
  }

  zoomTo(zoom: ScheduleZoom | null): void {
    this.zoom.value = zoom;
  }

  /** Scalars that are shown are to be asked for again. */
  expire(): void {
    this.#looks += 1;
  }

  /** Fetches whatever changed in the selected schedules, and the scalars to lay over them. */
  async load(): Promise<void> {
    const signal = this.#loading.next();
    await Promise.all([
      this.#schedules.update(versionsOf(this.runs.all.value), signal, async (ids) =>
        byId(await fetchSchedules(ids, signal)),
      ),
      this.#loadScalars(signal),
    ]);
  }

  async #loadScalars(signal: AbortSignal): Promise<void> {
    const age = Math.floor(Date.now() / LIST_LASTS_MS);
    await this.#names.update(new Map([[LIST, String(age)]]), signal, async () => [[LIST, await fetchScalars(signal)]]);
    const names = new Map(this.#choice.value.names.map((name) => [keyOf(name), name]));
    const wanted = new Map([...names.keys()].map((key) => [key, String(this.#looks)]));
    await this.#scalars.update(wanted, signal, (keys) =>
      Promise.all(keys.map(async (key) => [key, await fetchScalar(names.get(key)!, signal)] as const)),
    );
  }

  get #traces() {
    return this.#all.traces.value ?? [];
  }

  #missing(): string[] {
    if (this.tag.value === "") return [];
    return missing(this.tag.value, this.#choice.value, this.#loaded.value, this.overlays.value, this.xAxis.value);
  }

  #extend(run: Run): ScheduleRun {
    const loaded = this.#schedules.get(run.trace.id);
    const dash = run.trace.kind === "plan" ? PLANNED : "";
    if (!loaded || "step" in loaded) return { ...run, dash, schedule: loaded };
    return { ...run, dash, error: loaded.error, schedule: undefined };
  }
}

function keyOf({ run, tag }: ScalarName): string {
  return `${run}\n${tag}`;
}
