/** The state of the planner: from a rate to a schedule and the code that builds it. */

import { batch, computed, type Signal, signal } from "@preact/signals";
import { record, text } from "../base/decoder";
import { SCALE_KINDS, type ScaleKind } from "../chart/scales";
import type { ScheduleZoom } from "../chart/schedule/lines";
import { fetchPlan, fetchRecipes } from "../server/client";
import { LatestAttempt, pause } from "../server/queue";
import { ServerStatus } from "../server/status";
import type { Plan, Recipe, Use, UseName } from "../server/types";
import type { Settings } from "../settings/settings";
import {
  type Basis,
  basisOf,
  basisQuery,
  type Field,
  fieldQuery,
  parameterFields,
  RATE_KEYS,
  type Rates,
  sizeFields,
  type Typed,
} from "./fields";

const SETTLE_MS = 200;

/** Where the rates of a plan come from. */
export interface Origin {
  /** The run whose suggestion it is; null for a rate picked by hand. */
  readonly run: string | null;
  readonly rate: number | null;
  /** What a suggestion says for each use; [] for a rate picked by hand. */
  readonly uses: readonly Use[];
  readonly batchSize: number | null;
}

/** What somebody chose and typed. */
export interface Choice {
  readonly recipe: string;
  readonly typed: Typed;
}

/** By key: what was typed. */
type Texts = Readonly<Record<string, string>>;

/** The recipes as the server answered, and what their defaults follow from. */
interface Menu {
  readonly recipes: readonly Recipe[];
  readonly basis: Basis;
}

export class Planner {
  readonly origin = signal<Origin | null>(null);
  /** The last schedule that could be built. */
  readonly plan = signal<Plan | null>(null);
  readonly yScale: Signal<ScaleKind>;
  readonly zoom = signal<ScheduleZoom | null>(null);
  readonly #menu = signal<Menu | null>(null);
  readonly #name: Signal<string>;
  /** The use that was asked for last; it decides the recipe to begin with. */
  readonly #wanted = signal<UseName>("constant");
  readonly #texts: Signal<Texts | null>;
  readonly #status = new ServerStatus();
  readonly #latest = new LatestAttempt();

  readonly #typed = computed<Typed>(() => new Map(Object.entries(this.#texts.value ?? {})));
  readonly choice = computed<Choice>(() => ({ recipe: this.#name.value, typed: this.#typed.value }));
  /** The choice that the plan is, or will be, built for, and when that ends. */
  #built: Choice | null = null;
  #building = Promise.resolve();

  readonly recipes = computed(() => this.#menu.value?.recipes ?? []);
  readonly recipe = computed(() => this.recipes.value.find(({ name }) => name === this.#name.value) ?? null);
  /** Why the plan is not the one of the fields. */
  readonly problem = this.#status.problem;
  readonly fields = computed<readonly Field[]>(() => {
    const sizes = sizeFields(this.origin.value?.batchSize ?? null, this.#typed.value);
    if (!this.#menu.value || !this.recipe.value) return sizes;
    return [...parameterFields(this.recipe.value, this.#menu.value.basis, this.#typed.value), ...sizes];
  });
  readonly #use = computed(() => this.recipe.value?.use ?? this.#wanted.value);
  /** The rates that the origin has for the recipe. */
  readonly suggested = computed(() => ratesOf(this.origin.value, this.#use.value));
  readonly #basis = computed(() => basisOf(this.suggested.value, this.#use.value, this.#typed.value));

  constructor(settings: Settings) {
    this.yScale = settings.choice<ScaleKind>("p_y", SCALE_KINDS, "linear");
    this.#name = settings.text("p_recipe");
    this.#texts = settings.data("p_fields", readTexts);
  }

  /** Shows the planner: with what it holds, or else with these rates. */
  async open(origin: Origin | null, use: UseName, choice: Choice): Promise<void> {
    const isUntouched = !this.origin.value && !choice.typed.has("learning_rate");
    if (isUntouched && (origin || !this.plan.value)) await this.start(origin, use);
    else if (this.#built !== choice) await this.#build(0);
    else await this.#building;
  }

  /** Starts from other rates: those typed before no longer count. */
  async start(origin: Origin | null, use: UseName): Promise<void> {
    batch(() => {
      this.origin.value = origin;
      this.#forgetRates();
      if (this.#menu.value && use !== this.#wanted.value) this.#name.value = nameByUse(this.recipes.value, use);
      this.#wanted.value = use;
    });
    await this.#build(0);
  }

  async choose(name: string): Promise<void> {
    this.#name.value = name;
    this.zoom.value = null;
    await this.#build(0);
  }

  async type(key: string, text: string): Promise<void> {
    this.#texts.value = { ...this.#texts.value, [key]: text };
    this.zoom.value = null;
    await this.#build(SETTLE_MS);
  }

  /** Back to the suggested rates. */
  async takeSuggested(): Promise<void> {
    this.#forgetRates();
    await this.#build(0);
  }

  setYScale(kind: ScaleKind): void {
    this.yScale.value = kind;
    if (this.zoom.value) this.zoom.value = { ...this.zoom.value, y: null };
  }

  zoomTo(zoom: ScheduleZoom | null): void {
    this.zoom.value = zoom;
  }

  #build(delay: number): Promise<void> {
    this.#built = this.choice.value;
    this.#building = this.#ask(delay);
    return this.#building;
  }

  async #ask(delay: number): Promise<void> {
    const signal = this.#latest.next();
    await this.#status.attempt(async () => {
      await pause(delay, signal);
      if (!this.recipe.value) await this.#begin(signal);
      const basis = this.#basis.value;
      const query = { name: this.#name.value, ...basisQuery(basis), ...fieldQuery(this.fields.value) };
      const [recipes, plan] = await Promise.all([fetchRecipes(basisQuery(basis), signal), fetchPlan(query, signal)]);
      signal.throwIfAborted();
      batch(() => {
        this.#menu.value = { recipes, basis };
        this.plan.value = plan;
      });
    });
    // Where there is nothing to show yet, what failed is tried again with the next poll.
    if (this.problem.value !== null && !this.plan.value) this.#built = null;
  }

  /** Which recipes there are must be known before one can be chosen, and the rates follow from the choice. */
  async #begin(signal: AbortSignal): Promise<void> {
    const basis = this.#basis.value;
    const recipes = await fetchRecipes(basisQuery(basis), signal);
    signal.throwIfAborted();
    batch(() => {
      this.#menu.value = { recipes, basis };
      if (!this.recipe.value) this.#name.value = nameByUse(recipes, this.#wanted.value);
      this.#built = this.choice.value;
    });
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

/** For a method that knows only one rate, and for a rate picked by hand, that one serves every use. */
function ratesOf(origin: Origin | null, use: UseName): Rates | null {
  const known = origin?.uses.find(({ name }) => name === use);
  if (known) return known;
  return origin?.rate == null ? null : { learningRate: origin.rate, lower: null };
}
