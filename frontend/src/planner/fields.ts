/** The fields of the planner: what they are called, what they hold, and what they ask the server. */

import { formatNumber } from "../base/numbers";
import type { Parameter, Recipe, Use } from "../server/types";

export interface Field {
  /** What tells it from all other fields; the rates and sizes are the same fields in every recipe. */
  readonly key: string;
  readonly group: "rate" | "size" | "own";
  /** What the server calls it. */
  readonly name: string;
  readonly label: string;
  /** Null for a number. */
  readonly choices: readonly string[] | null;
  readonly value: string;
  /** What counts while the field is empty. */
  readonly fallback: string;
  /** Whether somebody changed it. */
  readonly isTyped: boolean;
}

/** What the defaults of a recipe follow from. */
export interface Basis {
  readonly totalSteps: string;
  readonly learningRate: number;
  /** The lower bound of cyclical rates; null for other uses. */
  readonly lower: number | null;
}

/** By key: what was typed. */
export type Typed = ReadonlyMap<string, string>;
export type Rates = Pick<Use, "learningRate" | "lower">;

export const RATE_KEYS = ["learning_rate", "lower"];
/** Adam's default in Keras. */
const RATE = 0.001;
/** From the upper to the lower bound of cyclical rates. */
const BOUNDS = 10;
const TOTAL_STEPS = 1000;
/** The server may round the rates that it is given to three digits. */
const ROUNDING = 0.006;
const RATE_DIGITS = 4;
/** More than any other default has. */
const DIGITS = 15;

export function basisOf(suggested: Rates | null, use: Recipe["use"], typed: Typed): Basis {
  const learningRate = positive(typed.get("learning_rate")) ?? suggested?.learningRate ?? RATE;
  const lower = positive(typed.get("lower")) ?? suggested?.lower ?? learningRate / BOUNDS;
  const totalSteps = plain(typed.get("total_steps") ?? String(TOTAL_STEPS));
  return { totalSteps, learningRate, lower: use === "cyclical" ? lower : null };
}

export function sizeFields(batchSize: number | null, typed: Typed): Field[] {
  const size = (key: string, label: string, fallback: string) =>
    field({ key, group: "size", name: key, label, choices: null, fallback }, typed);
  return [
    size("total_steps", "Total steps", String(TOTAL_STEPS)),
    size("batch_size", "Batch size", batchSize === null ? "" : String(batchSize)),
  ];
}

/** `basis` is the one that the recipe's defaults follow from. */
export function parameterFields(recipe: Recipe, basis: Basis, typed: Typed): Field[] {
  return recipe.parameters.map((parameter) => {
    const rate = rateKey(parameter, basis);
    const { name, label } = parameter;
    const choices = parameter.kind === "choice" ? parameter.choices : null;
    const place = { key: rate ?? `${recipe.name}/${name}`, group: rate ? ("rate" as const) : ("own" as const) };
    // A suggested rate has as many digits as a float: the code keeps them all, the field is there to be read.
    const fallback = readable(parameter.default, rate ? RATE_DIGITS : DIGITS);
    return field({ ...place, name, label, choices, fallback }, typed);
  });
}

/** As the tab writes rates: 1.86e-5 where 0.0000186 would be counted with the finger. */
function readable(value: number | string, digits: number): string {
  return typeof value === "number" && Math.abs(value) < 1 ? formatNumber(value, digits) : String(value);
}

/** Which rate of the basis a parameter takes its default from; null for all other parameters. */
function rateKey(parameter: Parameter, { learningRate, lower }: Basis): string | null {
  if (parameter.kind !== "number" || !parameter.name.endsWith("learning_rate")) return null;
  const is = (rate: number | null) => rate !== null && Math.abs(parameter.default / rate - 1) < ROUNDING;
  if (is(learningRate)) return "learning_rate";
  return is(lower) ? "lower" : null;
}

function field(facts: Omit<Field, "value" | "isTyped">, typed: Typed): Field {
  return { ...facts, value: typed.get(facts.key) ?? facts.fallback, isTyped: typed.has(facts.key) };
}

export function basisQuery({ totalSteps, learningRate, lower }: Basis): Record<string, string> {
  const rates = { total_steps: totalSteps, learning_rate: String(learningRate) };
  return lower === null ? rates : { ...rates, lower: String(lower) };
}

/** What nobody typed is left to the server: it follows from the basis. */
export function fieldQuery(fields: readonly Field[]): Record<string, string> {
  const sent = fields.filter(({ group, value, isTyped }) => value.trim() !== "" && (isTyped || group === "size"));
  return Object.fromEntries(sent.map(({ name, value }) => [name, plain(value)]));
}

/** 1e3 is a whole number too; what is no number goes to the server as it is, which says what is wrong with it. */
function plain(text: string): string {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? text.trim() : String(value);
}

function positive(text: string | undefined): number | null {
  const value = Number(text ?? "");
  return Number.isFinite(value) && value > 0 ? value : null;
}
