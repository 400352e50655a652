/** The state of the tab: signals to read, named actions to change them. Each view has a part of its own. */

import { batch, computed, signal } from "@preact/signals";
import { fetchTraces } from "../api/client";
import { Latest } from "../lib/latest";
import { Comparison } from "./comparison";
import { Exchange } from "./exchange";
import { Finder } from "./finder";
import { type Origin, Planner } from "./planner";
import { Runs } from "./runs";
import { Schedules } from "./schedules";
import { Settings } from "./settings";
import type { TraceList } from "./types";
import type { SweepRun } from "./view";

export const VIEWS = ["finder", "schedules", "planner"] as const;
export type ViewName = (typeof VIEWS)[number];

export class State {
  readonly settings = new Settings();
  readonly view = signal<ViewName>("finder");
  readonly runs = new Runs(this.settings);
  readonly exchange = new Exchange();
  readonly finder = new Finder(this.runs, this.exchange);
  readonly comparison = new Comparison(this.finder, this.settings);
  readonly schedules = new Schedules(this.runs, this.exchange);
  readonly planner = new Planner();
  readonly isRunning = computed(() => (this.runs.traces.value ?? []).some(({ status }) => status === "running"));

  readonly #refreshing = new Latest();
  /** Of the list of traces that was received last. */
  #version = "";

  /** Asks for the list of traces and for whatever changed in the selected ones. */
  async refresh(): Promise<void> {
    await this.exchange.attempt(async () => {
      const signal = this.#refreshing.next();
      const list = await fetchTraces(this.#version, signal);
      signal.throwIfAborted();
      if (list) this.#receive(list);
      this.schedules.expire();
      await this.#load();
    });
  }

  #receive({ version, methods, traces }: TraceList): void {
    this.#version = version;
    batch(() => {
      this.finder.receive(methods);
      this.runs.receive(traces);
    });
  }

  /** Starts over after a first look that failed. */
  async retry(): Promise<void> {
    this.exchange.problem.value = null;
    await this.refresh();
  }

  async setView(view: ViewName): Promise<void> {
    this.view.value = view;
    if (view === "planner") await this.planner.open(this.#suggested(), this.finder.use.value);
    else await this.exchange.attempt(() => this.#load());
  }

  async setSelected(ids: readonly string[], isSelected: boolean): Promise<void> {
    this.runs.select(ids, isSelected);
    await this.exchange.attempt(() => this.#load());
  }

  /** Shows one run of a view, and none of its others. */
  async selectOnly(id: string, among: readonly string[]): Promise<void> {
    this.runs.selectOnly(id, among);
    await this.exchange.attempt(() => this.#load());
  }

  /** Plans a schedule with the rates suggested for a run. */
  async planFrom(id: string): Promise<void> {
    const run = this.finder.runs.all.value.find(({ trace }) => trace.id === id);
    if (run) await this.#plan(originOf(run));
  }

  /** Plans a schedule with a rate picked by hand. */
  async planWith(rate: number): Promise<void> {
    await this.#plan({ run: null, rate, uses: [], batchSize: this.#suggested()?.batchSize ?? null });
  }

  async #plan(origin: Origin): Promise<void> {
    this.view.value = "planner";
    await this.planner.start(origin, this.finder.use.value);
  }

  /** Of the run that was pointed at last, or else of the first one shown. */
  #suggested(): Origin | null {
    const shown = this.finder.runs.shown.value.filter(({ suggestion }) => suggestion?.learningRate != null);
    const run = shown.find(({ trace }) => trace.id === this.runs.preferred.value) ?? shown[0];
    return run ? originOf(run) : null;
  }

  async #load(): Promise<void> {
    if (this.view.value === "schedules") await this.schedules.load();
    else await this.finder.load();
  }
}

function originOf({ label, trace, suggestion }: SweepRun): Origin {
  return {
    run: label,
    rate: suggestion?.learningRate ?? null,
    uses: suggestion?.uses ?? [],
    batchSize: trace.batchSize,
  };
}
