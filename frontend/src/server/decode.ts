/** `unknown → typed`: checks every answer of the server against `http_api.md` and says in words what does not fit. */

import { answer, count, list, rescued, text } from "../base/decoder";
import { decodeContainer } from "./container";
import { asUnreadable, traces } from "./damage";
import {
  basis,
  builtRecipe,
  curve,
  method,
  pairs,
  probes,
  recipe,
  relation,
  scalar,
  scalarName,
  schedule,
  shapeGuide,
  slope,
  suggestion,
  useLabel,
} from "./types";

const NAME = "traces";
const version = answer(NAME, { version: text });

/** The version of a list, and nothing else: the answer to a poll that knows that version has no list. */
export const decodeVersion = (value: unknown) => version(value).version;

export const decodeTraces = answer(NAME, {
  /** The version of the list: it changes when anything in the list does. */
  version: text,
  methods: list(method),
  uses: list(useLabel),
  shapes: list(shapeGuide),
  /** The names of the optimizers that Keras has. */
  optimizers: list(text),
  traces,
  /** The number of traces beyond those listed. */
  omitted: count,
});
export type TraceList = ReturnType<typeof decodeTraces>;

const suggestions = answer("suggestions", { suggestions: rescued(suggestion, asUnreadable) });
export const decodeSuggestions = (value: unknown) => suggestions(value).suggestions;

export const decodeCurves = (buffer: ArrayBuffer) => decodeContainer(buffer, "curves", curve);
export const decodeSlopes = (buffer: ArrayBuffer) => decodeContainer(buffer, "slopes", slope);
export const decodeSchedules = (buffer: ArrayBuffer) => decodeContainer(buffer, "schedules", schedule);

const probed = answer("probes", { probes: rescued(probes, asUnreadable) });
export const decodeProbes = (value: unknown) => probed(value).probes;
const paired = answer("pairs", { pairs: rescued(pairs, asUnreadable) });
export const decodePairs = (value: unknown) => paired(value).pairs;

export const decodeRelation = (value: unknown) => relation(value, "relations");

const scalars = answer("scalars", { scalars: rescued(scalarName, () => []) });
export const decodeScalars = (value: unknown) => scalars(value).scalars;
export const decodeScalar = (value: unknown) => scalar(value, "scalar");

/** `basis` holds what was asked for, and the server's defaults for what was not. */
export const decodeRecipes = answer("recipes", { basis, recipes: list(recipe) });
export type RecipeMenu = ReturnType<typeof decodeRecipes>;
export const decodeBuiltRecipe = (value: unknown) => builtRecipe(value, "recipe");
