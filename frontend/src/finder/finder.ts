/** The state of the LR Finder view: loss against learning rate, and the rate to take from it. */

import { batch, computed, type Signal, signal } from "@preact/signals";
import { clamp } from "../base/numbers";
import type { Domain, Interval } from "../chart/scales";
import { legendOf } from "../chart/sweep/legend";
import { QUANTITIES, type Quantity, type Series } from "../chart/sweep/series";
import type { SweepStyle } from "../chart/sweep/style";
import { isDrawable } from "../chart/zoom";
import { Related } from "../runs/related";
import { isSweep, isTest, type Run } from "../runs/run";
import { type Runs, ViewRuns, versionsOf } from "../runs/runs";
import type { TraceList } from "../server/decode";
import { POINTS, type Points, USES, type UseName } from "../server/types";
import { readDomain } from "../settings/codecs";
import type { Settings } from "../settings/settings";
import { rateCode } from "./code";
import { Comparison } from "./comparison";
import { ChartOptions, type Options } from "./options";
import { Progress } from "./progress";
import { columnsOf, methodsOf, monitoredBy, withoutPlace } from "./recorded";
import { seriesOf } from "./series";
import { type SweepQuery, type SweepRun, Sweeps, suggestionQuery } from "./sweeps";

export const MAX_SMOOTHING = 0.99;
const DEFAULT_SMOOTHING = 0.6;
/** The least and the most smoothing of slopes, in decades. */
export const SIGMAS: Interval = [0.03, 1];
const DEFAULT_SIGMA = 0.3;

/** The methods, uses, shapes and optimizers that the server names, the same for all runs. */
export type Offer = Pick<TraceList, "methods" | "uses" | "shapes" | "optimizers">;

export class Finder {
  readonly #offer = signal<Offer>({ methods: [], uses: [], shapes: [], optimizers: [] });
  readonly methods = computed(() => this.#offer.value.methods);
  readonly uses = computed(() => this.#offer.value.uses);
  readonly shapes = computed(() => this.#offer.value.shapes);
  /** A rate picked by hand. */
  readonly picked: Signal<number | null>;
  readonly quantity: Signal<Quantity>;
  /** The column to draw; empty for the one that each run monitors. */
  readonly column: Signal<string>;
  readonly smoothing: Signal<number>;
  readonly sigma: Signal<number>;
  readonly use: Signal<UseName>;
  readonly points: Signal<Points>;
  readonly options: ChartOptions;
  readonly runs: ViewRuns<SweepRun>;
  readonly comparison: Comparison;
  readonly progress: Progress;

  readonly #all: Runs;
  readonly #sweeps = new Sweeps();
  readonly #related = new Related();
  readonly #method: Signal<string>;
  readonly #zoom: Signal<Domain | null>;

  /** The method that somebody chose; empty for the one that each test recorded. */
  readonly method = computed(() => this.methods.value.find(({ name }) => name === this.#method.value)?.name ?? "");
  /** The arguments by which the suggestions are asked for. */
  readonly suggestionQuery = computed(() => suggestionQuery(this.method.value, this.points.value));
  /** The label of the chosen use. */
  readonly useLabel = computed(() => this.labelOf(this.use.value));
  /** Whether points per epoch can be chosen: only trainings have epochs. */
  readonly hasTrainings = computed(() => this.runs.all.value.some(({ trace }) => trace.kind === "training"));
  readonly sweepStyle = computed<SweepStyle>(() => {
    const { x, y, isTailIgnored, hasDots, order } = this.options.values.value;
    // Slopes lie above and below zero, so their axis is never logarithmic.
    return { kinds: { x, y: this.quantity.value === "slope" ? "linear" : y }, isTailIgnored, hasDots, order };
  });
  readonly zoom = computed(() => {
    const zoom = this.#zoom.value;
    return zoom && isDrawable(zoom, this.sweepStyle.value.kinds) ? zoom : null;
  });
  readonly #query = computed<SweepQuery>(() => ({
    quantity: this.quantity.value,
    column: this.column.value,
    by: this.points.value,
    skipStart: this.options.values.value.skipStart,
    skipEnd: this.options.values.value.skipEnd,
    smoothing: this.smoothing.value,
    sigma: this.sigma.value,
    method: this.method.value,
    window: this.zoom.value?.x ?? null,
  }));
  readonly #shown = computed(() => this.runs.shown.value.map(({ trace }) => trace));
  /** The methods that apply to the shown runs while nobody chooses one. */
  readonly recordedMethods = computed(() => methodsOf(this.#shown.value, this.methods.value));
  readonly columns = computed(() => columnsOf(this.#shown.value));
  readonly monitored = computed(() => monitoredBy(this.#shown.value));
  readonly series = computed<readonly Series[]>(() => seriesOf(this.runs.shown.value, this.#sweeps, this.#query.value));
  readonly isLoading = computed(() => {
    const loaded = this.quantity.value === "slope" ? this.#sweeps.slopes : this.#sweeps.curves;
    return this.#shown.value.some(({ id, rows }) => rows > 0 && !loaded.get(id));
  });
  readonly legend = computed(() =>
    legendOf(
      this.comparison.drawn.value,
      this.sweepStyle.value.hasDots,
      this.comparison.hasPanels.value ? null : this.picked.value,
    ),
  );
  /** Sentences about values that cannot be drawn. */
  readonly notes = computed(() =>
    withoutPlace(
      this.runs.shown.value.map(({ curve }) => curve),
      this.sweepStyle.value.kinds.y,
    ),
  );

  constructor(runs: Runs, settings: Settings) {
    this.#all = runs;
    this.quantity = settings.choice<Quantity>("show", QUANTITIES, "value");
    this.column = settings.text("value");
    this.smoothing = settings.number("smoothing", DEFAULT_SMOOTHING, [0, MAX_SMOOTHING]);
    this.sigma = settings.number("slope_smoothing", DEFAULT_SIGMA, SIGMAS);
    this.#method = settings.text("method");
    this.use = settings.choice<UseName>("use", USES, "constant");
    this.points = settings.choice<Points>("by", POINTS, "step");
    this.#zoom = settings.data("zoom", readDomain);
    this.picked = settings.data("rate", readRate);
    this.options = new ChartOptions(settings);
    this.runs = new ViewRuns(runs, isSweep, (run) => this.#extend(run));
    this.comparison = new Comparison(this, settings);
    this.progress = new Progress(this.runs.all);
  }

  receive(offer: Offer): void {
    this.#offer.value = offer;
  }

  /** The label of a use; empty before the first answer. */
  labelOf(use: UseName): string {
    return this.uses.value.find(({ name }) => name === use)?.label ?? "";
  }

  setQuantity(quantity: Quantity): void {
    batch(() => {
      this.quantity.value = quantity;
      this.zoomTo(null);
    });
  }

  setColumn(name: string): void {
    batch(() => {
      this.column.value = name;
      this.zoomTo(null);
    });
  }

  setMethod(name: string): void {
    this.#method.value = name;
  }

  setPoints(points: Points): void {
    this.points.value = points;
  }

  setUse(name: string): void {
    this.use.value = USES.find((use) => use === name) ?? this.use.value;
  }

  setSmoothing(weight: number): void {
    if (Number.isFinite(weight)) this.smoothing.value = clamp(weight, 0, MAX_SMOOTHING);
  }

  setSigma(decades: number): void {
    if (Number.isFinite(decades)) this.sigma.value = clamp(decades, ...SIGMAS);
  }

  setOption<K extends keyof Options>(name: K, value: Options[K]): void {
    batch(() => {
      this.options.set(name, value);
      if (name === "x" || name === "y") this.zoomTo(null);
    });
  }

  zoomTo(domain: Domain | null): void {
    this.#zoom.value = domain;
  }

  pick(rate: number | null): void {
    this.picked.value = rate;
  }

  /** Fetches what is shown of the selected traces and not loaded yet. */
  async load(): Promise<void> {
    const versions = versionsOf(this.runs.all.value);
    const chosen = this.runs.all.value.map(({ trace }) => trace).filter(({ id }) => versions.has(id));
    await Promise.all([
      this.#sweeps.load(chosen, versions, this.#query.value),
      this.#related.load(
        this.#all,
        this.runs.all.value.filter(({ trace }) => isTest(trace)),
      ),
    ]);
  }

  #extend(run: Run): SweepRun {
    const curve = this.#sweeps.curves.get(run.trace.id)?.rows;
    const found = this.#sweeps.suggestions.get(run.trace.id);
    const suggestion = found && "error" in found ? undefined : found;
    const use = suggestion?.uses.find(({ name }) => name === this.use.value) ?? null;
    const isConstant = use?.name === "constant";
    return {
      ...run,
      error: errorOf(curve) ?? errorOf(found),
      curve,
      suggestion,
      method: this.methods.value.find(({ name }) => name === suggestion?.method)?.label ?? null,
      use,
      pairs: this.#related.of(run.trace),
      code: isConstant ? rateCode(this.#offer.value.optimizers, run.trace.optimizer, use.learningRate) : null,
    };
  }
}

function errorOf(loaded: object | undefined): string | null {
  return loaded && "error" in loaded ? String(loaded.error) : null;
}

function readRate(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}
