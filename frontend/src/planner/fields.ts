/** The fields of the planner: their labels, their values, and the queries made of them. */

import { formatNumber } from "../base/numbers";
import type { Query } from "../server/client";
import { ORIGINS, type Recipe } from "../server/types";

export interface Field {
  /** The key of the typed text; the rates and sizes have the same keys in every recipe. */
  readonly key: string;
  readonly group: "rate" | "size" | "own";
  /** The name of the argument in a query. */
  readonly name: string;
  readonly label: string;
  /** What it does, in a sentence; empty where the label says it. */
  readonly help: string;
  /** Null for a number. */
  readonly choices: readonly string[] | null;
  readonly value: string;
  /** The value that counts while the field is empty. */
  readonly fallback: string;
  /** Whether somebody changed it. */
  readonly isTyped: boolean;
}

/** The typed texts, by the keys of their fields, as an address holds them. */
export type Texts = Readonly<Record<string, string>>;

/** The typed texts, by the keys of their fields. */
export type Typed = ReadonlyMap<string, string>;

/** The rates that a test suggests; the lower one is the lower bound of cyclical rates. */
export interface Rates {
  readonly learningRate: number;
  readonly lower: number | null;
}

/** The fields that a request knows as steps alone. */
const EPOCHS: readonly string[] = ["epochs", "steps_per_epoch"];
export const RATE_KEYS: readonly string[] = ORIGINS;
const RATE_DIGITS = 4;
/** More digits than any other default has. */
const DIGITS = 15;

/** The texts after one was typed: epochs and their steps make a length, and a length that is typed decides by itself. */
export function afterTyping(texts: Texts, key: string, text: string): Texts {
  const { epochs = "", ...others } = { ...texts, [key]: text };
  if (key === "total_steps") return others;
  const length = Math.round(Number(epochs) * Number(others.steps_per_epoch ?? ""));
  const isMade = EPOCHS.includes(key) && Number.isFinite(length) && length > 0;
  const kept = epochs === "" && key !== "epochs" ? others : { ...others, epochs };
  return isMade ? { ...kept, total_steps: String(length) } : kept;
}

/**
 * The fields of the length of the training, in epochs too, and of the batch size. None before the server's default length is
 * known, unless somebody typed one: a default that came while somebody types would mix with what was typed.
 */
export function sizeFields(length: string, totalSteps: number | null, batchSize: number | null, typed: Typed): Field[] {
  if (totalSteps === null && !typed.has("total_steps")) return [];
  const epochs = Number(length) / Number(typed.get("steps_per_epoch"));
  const isKnown = Number.isFinite(epochs) && epochs > 0;
  const sizes = [
    ["epochs", "Epochs", isKnown ? formatNumber(epochs, RATE_DIGITS) : ""],
    ["steps_per_epoch", "Steps per epoch", ""],
    ["total_steps", "Total steps", totalSteps],
    // Cleared, it is nobody's, and the code names none.
    ["batch_size", "Batch size", typed.has("batch_size") ? "" : batchSize],
  ] as const;
  return sizes.map(([key, label, known]) =>
    field({ key, group: "size", name: key, label, help: "", choices: null, fallback: String(known ?? "") }, typed),
  );
}

export function parameterFields(recipe: Recipe, typed: Typed): Field[] {
  return recipe.parameters.map((parameter) => {
    const { name, label, help, origin } = parameter;
    const choices = parameter.kind === "choice" ? parameter.choices : null;
    const place = { key: origin ?? `${recipe.name}/${name}`, group: origin ? ("rate" as const) : ("own" as const) };
    // A suggested rate has as many digits as a float: the code keeps them all, the field is there to be read.
    const fallback = readable(parameter.default, origin ? RATE_DIGITS : DIGITS);
    return field({ ...place, name, label, help, choices, fallback }, typed);
  });
}

/** A number as the tab writes rates: 1.86e-5, not 0.0000186. */
function readable(value: number | string, digits: number): string {
  return typeof value === "number" && Math.abs(value) < 1 ? formatNumber(value, digits) : String(value);
}

function field(facts: Omit<Field, "value" | "isTyped">, typed: Typed): Field {
  return { ...facts, value: typed.get(facts.key) ?? facts.fallback, isTyped: typed.has(facts.key) };
}

/** The length of the training that counts: the typed one, or else the default; empty where neither is known. */
export function lengthOf(typed: Typed, totalSteps: number | null): string {
  return plain(typed.get("total_steps") ?? "") || String(totalSteps ?? "");
}

/** The rates that the recipes' defaults follow from, as far as they are known; the rest is up to the server. */
export function rateQuery(suggested: Rates | null, use: Recipe["use"], typed: Typed): Query {
  const learningRate = positive(typed.get("learning_rate")) ?? suggested?.learningRate ?? null;
  const lower = positive(typed.get("lower")) ?? suggested?.lower ?? null;
  return {
    ...(learningRate !== null && { learning_rate: String(learningRate) }),
    ...(lower !== null && use === "cyclical" && { lower: String(lower) }),
  };
}

/** The typed fields and the sizes; all others are left to the server, since they follow from the basis. */
export function fieldQuery(fields: readonly Field[]): Query {
  const sent = fields.flatMap(({ group, name, value, fallback, isTyped }) => {
    if (EPOCHS.includes(name) || (group !== "size" && !isTyped)) return [];
    const text = plain(value) || (group === "size" ? fallback : "");
    return text === "" ? [] : [[name, text] as const];
  });
  return Object.fromEntries(sent);
}

/** A number without an exponent: 1e3 is a whole number too. Other text stays as it is: the server says what is wrong with it. */
function plain(text: string): string {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? text.trim() : String(value);
}

function positive(text: string | undefined): number | null {
  const value = Number(text ?? "");
  return Number.isFinite(value) && value > 0 ? value : null;
}
