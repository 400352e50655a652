/** The state of the tab: signals to read, named actions to change them. Each view has a part of its own. */

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { SweepRun } from "../finder/sweeps";
import type { Origin } from "../planner/planner";
import { Runs } from "../runs/runs";
import { fetchTraces } from "../server/client";
import type { TraceList } from "../server/decode";
import { LatestAttempt } from "../server/queue";
import { ServerStatus } from "../server/status";
import { Settings } from "../settings/settings";
import { openViews, type Tab, VIEW_NAMES, type ViewName } from "./views";

export class State implements Tab {
  readonly settings = new Settings();
  readonly view = this.settings.place<ViewName>("view", VIEW_NAMES, "finder");
  readonly runs = new Runs(this.settings);
  readonly status = new ServerStatus();
  readonly views = openViews(this);
  readonly isRunning = computed(() => (this.runs.traces.value ?? []).some(({ status }) => status === "running"));

  /** The runs that a schedule can start from, in the order of the list. */
  readonly plannable = computed(() =>
    this.views.finder.runs.shown.value.filter(({ suggestion }) => suggestion?.learningRate != null),
  );
  /** The suggestion that the planner opens with: of the run that was chosen there, or else of the one put forward. */
  readonly #suggested = computed(() => this.#originBy(this.views.planner.choice.value.run, this.runs.preferred.value));

  readonly #refreshing = new LatestAttempt();
  /** The version of the list of traces that was received last. */
  #version = "";
  /** The number of polls of the list; each of them retries what failed before. */
  readonly #polls = signal(0);
  /** The requests under way. */
  #loading: Promise<unknown> = Promise.resolve();
  #planning: Promise<unknown> = Promise.resolve();

  /** Loads whatever is shown, whatever caused it to be shown. */
  constructor() {
    effect(() => {
      const loading = this.#load(this.#polls.value);
      this.#loading = loading;
      void this.status.attempt(() => loading);
    });
    effect(() => {
      if (this.view.value !== "planner" || this.#polls.value === 0) return;
      const [origin, use, choice] = [
        this.#suggested.value,
        this.views.finder.use.value,
        this.views.planner.choice.value,
      ];
      this.#planning = untracked(() => this.views.planner.open(origin, use, choice));
    });
  }

  /** Asks for the list of traces and for whatever changed in the selected ones. */
  async refresh(): Promise<void> {
    await this.status.attempt(async () => {
      const signal = this.#refreshing.next();
      const list = await fetchTraces(this.#version, signal);
      signal.throwIfAborted();
      batch(() => {
        if (list) this.#receive(list);
        this.#polls.value += 1;
      });
      await this.#end();
      this.views.finder.progress.update();
    });
  }

  #receive(list: TraceList): void {
    this.#version = list.version;
    this.views.finder.receive(list);
    this.runs.receive(list.traces, list.omitted);
  }

  /** Starts over after a first poll that failed. */
  async retry(): Promise<void> {
    this.status.problem.value = null;
    await this.refresh();
  }

  /** Waits until no request is under way. */
  async settle(): Promise<void> {
    await this.status.attempt(() => this.#end());
  }

  async setView(view: ViewName): Promise<void> {
    this.view.value = view;
    await this.settle();
  }

  async setSelected(ids: readonly string[], isSelected: boolean): Promise<void> {
    this.runs.select(ids, isSelected);
    await this.settle();
  }

  /** Shows one run of a view, and none of its others. */
  async selectOnly(id: string, among: readonly string[]): Promise<void> {
    this.runs.selectOnly(id, among);
    await this.settle();
  }

  /** Pins a run, or no longer, as the one that others are compared with. */
  async pin(id: string): Promise<void> {
    this.runs.pin(id);
    await this.settle();
  }

  /** Opens a range test. */
  async openTest(id: string): Promise<void> {
    await this.#open("finder", id);
  }

  /** Opens a training or a plan. */
  async openTraining(id: string): Promise<void> {
    await this.#open("schedules", id);
  }

  /** Shows one run alone in its view; the browser's Back leads to what was shown before. */
  async #open(view: "finder" | "schedules", id: string): Promise<void> {
    this.settings.depart();
    batch(() => {
      const { runs } = this.views[view];
      const among = runs.all.value.map(({ trace }) => trace.id);
      if (!runs.listed.value.some(({ trace }) => trace.id === id)) this.runs.setFilter("");
      this.runs.selectOnly(id, among);
      this.runs.focus(null);
      this.views[view].zoomTo(null);
      this.view.value = view;
    });
    await this.settle();
  }

  suggestionMethod(): string {
    return this.views.finder.method.value;
  }

  async loadSuggestions(): Promise<void> {
    await this.views.finder.load();
  }

  /** Plans a schedule with the rates suggested for a run. */
  async planFrom(id: string): Promise<void> {
    const run = this.views.finder.runs.all.value.find(({ trace }) => trace.id === id);
    if (run) await this.#plan(this.#originOf(run));
  }

  /** Plans a schedule with a rate picked by hand. */
  async planWith(rate: number): Promise<void> {
    const { trace = null, edge = null } = this.#originBy(this.runs.preferred.value) ?? {};
    await this.#plan({ run: null, rate, uses: [], question: null, length: null, trace, edge });
  }

  async #plan(origin: Origin): Promise<void> {
    const started = this.views.planner.start(origin, this.views.finder.use.value);
    this.view.value = "planner";
    await started;
  }

  async #load(poll: number): Promise<void> {
    if (this.runs.traces.value === null) return;
    await this.views[this.view.value].load(poll);
  }

  /** Waits until no request is under way: one that ends may have started another. */
  async #end(): Promise<void> {
    const under = [this.#loading, this.#planning];
    await Promise.all(under);
    if (under[0] !== this.#loading || under[1] !== this.#planning) await this.#end();
  }

  /** The suggestion of the first of these runs that has one, or else of the first one shown. */
  #originBy(...ids: readonly (string | null)[]): Origin | null {
    const { value: shown } = this.plannable;
    const named = ids.flatMap((id) => shown.filter(({ trace }) => trace.id === id));
    const run = named[0] ?? shown[0];
    return run ? this.#originOf(run) : null;
  }

  #originOf({ label, trace, suggestion }: SweepRun): Origin {
    const { finder } = this.views;
    return {
      run: label,
      rate: suggestion?.learningRate ?? null,
      uses: (suggestion?.uses ?? []).map((use) => ({ ...use, label: finder.labelOf(use.name) })),
      question: { id: trace.id, query: finder.suggestionQuery.value },
      length: null,
      trace,
      edge: suggestion?.edge ?? null,
    };
  }
}
