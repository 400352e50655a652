/** The state of the planner: from a rate to a schedule and the code that builds it. */

import { batch, computed, type Signal, signal } from "@preact/signals";
import { record, text } from "../base/decoder";
import { SCALE_KINDS, type ScaleKind } from "../chart/scales";
import type { ScheduleZoom } from "../chart/schedule/lines";
import { fetchBuiltRecipe, fetchRecipes, fetchSuggestions, type Query } from "../server/client";
import type { RecipeMenu } from "../server/decode";
import { LatestAttempt, pause } from "../server/queue";
import { ServerStatus } from "../server/status";
import {
  type BuiltRecipe,
  FRAMEWORKS,
  type Framework,
  type Recipe,
  type Suggestion,
  type Trace,
  type Use,
  type UseName,
} from "../server/types";
import type { Settings } from "../settings/settings";
import {
  afterTyping,
  type Field,
  fieldQuery,
  lengthOf,
  parameterFields,
  RATE_KEYS,
  type Rates,
  rateQuery,
  sizeFields,
  type Texts,
  type Typed,
} from "./fields";
import { planLines } from "./lines";

const SETTLE_MS = 200;

/** A suggestion for one use, with the label of the use. */
export interface LabelledUse extends Use {
  readonly label: string;
}

/** The origin of the rates of a schedule. */
export interface Origin {
  /** The run whose suggestion it is; null for a rate picked by hand. */
  readonly run: string | null;
  readonly rate: number | null;
  /** The suggestion for each use; [] for a rate picked by hand. */
  readonly uses: readonly LabelledUse[];
  /** The trace and the arguments that its suggestion is asked for by; null for a rate picked by hand. */
  readonly question: { readonly id: string; readonly query: Query } | null;
  /** The length of the training that the suggestion was last asked for; null for the one that the chart was asked for. */
  readonly length: string | null;
  /** The test that says what was trained; null for a rate picked by hand where there is none. */
  readonly trace: Trace | null;
  /** The blow-up edge of that test. */
  readonly edge: number | null;
}

/** The rates that an origin has for a recipe. */
export interface SuggestedRates extends Rates {
  /** The label of their use; null for a rate picked by hand. */
  readonly label: string | null;
  /** How they were found, and for what length of a training. */
  readonly reasons: readonly string[];
}

/** The choices that the schedules follow from. */
export interface Choice {
  /** The id of the test that the rates come from; empty where nobody chose one. */
  readonly run: string;
  readonly recipe: string;
  /** Empty where it follows from the run. */
  readonly framework: Framework | "";
  readonly fineTuning: string;
  readonly typed: Typed;
  /** What the schedule that is kept for comparison was asked for by. */
  readonly kept: Query | null;
}

export class Planner {
  readonly origin = signal<Origin | null>(null);
  /** The last schedule that could be built. */
  readonly built = signal<BuiltRecipe | null>(null);
  /** The schedule that is kept for comparison. */
  readonly kept = signal<BuiltRecipe | null>(null);
  readonly yScale: Signal<ScaleKind>;
  readonly zoom = signal<ScheduleZoom | null>(null);
  readonly #menu = signal<RecipeMenu | null>(null);
  /** The length of a training that the server begins with. */
  readonly #usualSteps = signal<number | null>(null);
  readonly #run: Signal<string>;
  readonly #name: Signal<string>;
  readonly #framework: Signal<Framework | "">;
  /** Whether the model has a pretrained part: empty, or any text. */
  readonly fineTuning: Signal<string>;
  /** The use that the planner was last started for; it decides the first recipe. */
  readonly #firstUse = signal<UseName>("one_cycle");
  readonly #texts: Signal<Texts | null>;
  readonly #keptQuery: Signal<Query | null>;
  /** What the last schedule that could be built, and the kept one, were asked for by. */
  #builtQuery: Query | null = null;
  #loadedQuery: Query | null = null;
  /** Fetches the suggestions that a schedule may start from. */
  readonly load: () => Promise<void>;
  readonly #status = new ServerStatus();
  readonly #latest = new LatestAttempt();

  readonly #trace = computed(() => this.origin.value?.trace);
  readonly #typed = computed<Typed>(() => new Map(Object.entries(this.#texts.value ?? {})));
  readonly choice = computed<Choice>(() => ({
    run: this.#run.value,
    recipe: this.#name.value,
    framework: this.#framework.value,
    fineTuning: this.fineTuning.value,
    typed: this.#typed.value,
    kept: this.#keptQuery.value,
  }));
  /** The framework that the code is for. */
  readonly framework = computed(() => this.#framework.value || (this.built.value?.framework ?? "keras"));
  /** The choice of the latest request, and the end of that request. */
  #asked: Choice | null = null;
  #asking = Promise.resolve();

  readonly recipes = computed(() => this.#menu.value?.recipes ?? []);
  readonly recipe = computed(() => this.recipes.value.find(({ name }) => name === this.#name.value) ?? null);
  /** The blow-up edge of the test that the rates come from. */
  readonly edge = computed(() => this.origin.value?.edge ?? null);
  readonly lines = computed(() =>
    this.built.value ? planLines(this.built.value, this.kept.value, this.edge.value, this.yScale.value) : [],
  );
  /** The reason why the schedule is not the one of the fields; null where it is. */
  readonly problem = this.#status.problem;
  readonly fields = computed<readonly Field[]>(() => {
    const typed = this.#typed.value;
    const sizes = sizeFields(this.#length.value, this.#defaultSteps.value, this.#trace.value?.batchSize ?? null, typed);
    return this.recipe.value ? [...parameterFields(this.recipe.value, typed), ...sizes] : sizes;
  });
  readonly #use = computed(() => this.recipe.value?.use ?? this.#firstUse.value);
  /** The rates that the origin has for the recipe. */
  readonly suggested = computed(() => ratesOf(this.origin.value, this.#use.value));
  readonly #defaultSteps = computed(() => this.#trace.value?.totalSteps ?? this.#usualSteps.value);
  readonly #length = computed(() => lengthOf(this.#typed.value, this.#defaultSteps.value));
  readonly #rates = computed(() => rateQuery(this.suggested.value, this.#use.value, this.#typed.value));
  readonly #basis = computed(() => ({ total_steps: this.#length.value, ...this.#rates.value }));

  constructor(settings: Settings, loadSuggestions: () => Promise<void>) {
    this.load = loadSuggestions;
    this.yScale = settings.choice<ScaleKind>("p_y", SCALE_KINDS, "linear");
    this.#run = settings.text("p_run");
    this.#name = settings.text("p_recipe");
    this.#framework = settings.choice<Framework | "">("p_code", ["", ...FRAMEWORKS], "");
    this.fineTuning = settings.text("p_fine");
    this.#texts = settings.data("p_fields", readTexts);
    this.#keptQuery = settings.data("p_kept", readTexts);
  }

  /** Opens the planner with the rates that it holds, or else with those of the origin; typed rates stay. */
  async open(origin: Origin | null, use: UseName, choice: Choice): Promise<void> {
    const { value: held } = this.origin;
    // An address may name another test than the one that is held.
    const isNew = origin && (!held || (choice.run === idOf(origin) && choice.run !== idOf(held)));
    if (isNew && !choice.typed.has("learning_rate")) await this.start(origin, use);
    else if (isNew || this.#asked !== choice) {
      if (isNew) this.origin.value = origin;
      if (!this.#menu.value) this.#firstUse.value = scheduleUse(use);
      await this.#ask(0);
    } else await this.#asking;
  }

  /** Starts from other rates: typed rates no longer count. */
  async start(origin: Origin, purpose: UseName): Promise<void> {
    const use = scheduleUse(purpose);
    batch(() => {
      this.origin.value = origin;
      this.#run.value = idOf(origin);
      this.#forgetRates();
      if (this.#menu.value && use !== this.#firstUse.value) this.#name.value = nameByUse(this.recipes.value, use);
      this.#firstUse.value = use;
    });
    await this.#ask(0);
  }

  async choose(name: string): Promise<void> {
    this.#name.value = name;
    this.zoom.value = null;
    await this.#ask(0);
  }

  async codeFor(framework: Framework): Promise<void> {
    this.#framework.value = framework;
    await this.#ask(0);
  }

  async fineTune(isWanted: boolean): Promise<void> {
    this.fineTuning.value = isWanted ? "1" : "";
    await this.#ask(0);
  }

  /** Keeps the schedule that is shown beside the next ones, or gives up the one that is kept. */
  async keep(isWanted: boolean): Promise<void> {
    this.#keptQuery.value = isWanted ? this.#builtQuery : null;
    await this.#ask(0);
  }

  async type(key: string, text: string): Promise<void> {
    this.#texts.value = afterTyping(this.#texts.value ?? {}, key, text);
    this.zoom.value = null;
    await this.#ask(SETTLE_MS);
  }

  /** Goes back to the suggested rates. */
  async takeSuggested(): Promise<void> {
    this.#forgetRates();
    await this.#ask(0);
  }

  setYScale(kind: ScaleKind): void {
    this.yScale.value = kind;
    if (this.zoom.value) this.zoom.value = { ...this.zoom.value, y: null };
  }

  zoomTo(zoom: ScheduleZoom | null): void {
    this.zoom.value = zoom;
  }

  #ask(delay: number): Promise<void> {
    this.#asked = this.choice.value;
    this.#asking = this.#build(delay);
    return this.#asking;
  }

  async #build(delay: number): Promise<void> {
    const signal = this.#latest.next();
    await this.#status.attempt(async () => {
      await pause(delay, signal);
      if (!this.recipe.value) await this.#begin(signal);
      await this.#fit(signal);
      const [query, kept] = [this.#query(), this.#keptQuery.value];
      const [menu, built, compared] = await Promise.all([
        fetchRecipes(this.#basis.value, signal),
        fetchBuiltRecipe(query, signal),
        kept === this.#loadedQuery ? this.kept.value : kept && fetchBuiltRecipe(kept, signal).catch(() => null),
      ]);
      signal.throwIfAborted();
      this.#builtQuery = query;
      this.#loadedQuery = compared && kept;
      batch(() => {
        this.#menu.value = menu;
        this.built.value = built;
        this.kept.value = compared;
      });
    });
    // Where there is nothing to show yet, what failed is tried again with the next poll.
    if (this.problem.value !== null && !this.built.value) this.#asked = null;
  }

  #query(): Query {
    const { optimizer, framework: recorded } = this.#trace.value ?? {};
    const framework = this.#framework.value || FRAMEWORKS.find((known) => known === recorded);
    return {
      name: this.#name.value,
      ...this.#basis.value,
      ...fieldQuery(this.fields.value),
      ...(optimizer && { optimizer }),
      ...(framework && { framework }),
      ...(this.edge.value && { edge: String(this.edge.value) }),
      ...(this.fineTuning.value && { fine_tuning: "1" }),
    };
  }

  /** Fetches the recipes, which must be known before one is chosen; the rates follow from the choice. */
  async #begin(signal: AbortSignal): Promise<void> {
    const menu = await fetchRecipes(this.#rates.value, signal);
    signal.throwIfAborted();
    batch(() => {
      this.#menu.value = menu;
      this.#usualSteps.value = menu.basis.totalSteps;
      if (!this.recipe.value) this.#name.value = nameByUse(menu.recipes, this.#firstUse.value);
      this.#asked = this.choice.value;
    });
  }

  /**
   * Asks for the rates that the origin has for the length of this training. They stay where the run is gone, or has none any
   * more: their reason says what they are for. What else is wrong, the request for the schedule meets as well.
   */
  async #fit(signal: AbortSignal): Promise<void> {
    const [origin, length] = [this.origin.value, this.#length.value];
    if (!origin?.question || origin.length === length) return;
    const { id, query } = origin.question;
    const [found] = await fetchSuggestions([id], { ...query, total_steps: length }).catch(() => []);
    signal.throwIfAborted();
    if (found && !("error" in found) && found.learningRate !== null) this.origin.value = fitted(origin, found, length);
  }

  #forgetRates(): void {
    const others = [...this.#typed.value].filter(([key]) => !RATE_KEYS.includes(key));
    this.#texts.value = others.length > 0 ? Object.fromEntries(others) : null;
  }
}

const texts = record(text);
const readTexts = (value: unknown): Texts => texts(value, "fields");

function nameByUse(recipes: readonly Recipe[], wanted: UseName): string {
  return (recipes.find(({ use }) => use === wanted) ?? recipes[0])?.name ?? "";
}

/** The use that a schedule begins with: a flat line is a purpose that nobody has to choose in the Finder. */
function scheduleUse(purpose: UseName): UseName {
  return purpose === "constant" ? "one_cycle" : purpose;
}

/** The id of the test whose rates an origin has; empty for a rate picked by hand. */
export function idOf({ question }: Origin): string {
  return question?.id ?? "";
}

/** The origin with its rates for a length of the training. */
function fitted(origin: Origin, { learningRate, uses }: Suggestion, length: string): Origin {
  const labels = new Map(origin.uses.map(({ name, label }) => [name, label]));
  return {
    ...origin,
    rate: learningRate,
    uses: uses.map((use) => ({ ...use, label: labels.get(use.name) ?? "" })),
    length,
  };
}

/**
 * The rates for a use. The rate of a method that knows only one, and one picked by hand, serve every use. All follow from the
 * constant rate, whose reason names the length of the training.
 */
function ratesOf(origin: Origin | null, use: UseName): SuggestedRates | null {
  if (origin?.rate == null) return null;
  const [constant] = origin.uses;
  const suggested = origin.uses.find(({ name }) => name === use) ?? constant;
  const { label = null, learningRate = origin.rate, lower = null } = suggested ?? {};
  const reasons = suggested ? [suggested.reason] : [];
  if (constant && suggested !== constant) reasons.push(`${constant.label}: ${constant.reason}`);
  return { label, learningRate, lower, reasons };
}
