/** `unknown → typed`: checks every answer of the server against `http_api.md` and says in words what does not fit. */

import { array, column, count, malformed, nullable, number, object, oneOf, share, text, truth } from "../base/decoder";
import { decodeContainer, type Entry } from "./container";
import {
  CONFIDENCES,
  type Curve,
  type Mark,
  type Method,
  MODES,
  type Parameter,
  type Plan,
  type Recipe,
  type Scalar,
  type ScalarName,
  type Schedule,
  SHAPES,
  type Shape,
  type Slope,
  STATUSES,
  type Suggestion,
  type Trace,
  type TraceList,
  type Trial,
  UNITS,
  type Unreadable,
  USES,
  type Use,
} from "./types";

/** Which list it is: all that there is in an answer to someone who knows the list. */
export function decodeVersion(answer: unknown): string {
  return text(object(answer, "traces").version, "version");
}

export function decodeTraces(answer: unknown): TraceList {
  const fields = object(answer, "traces");
  return {
    version: decodeVersion(answer),
    methods: array(fields.methods, "methods", decodeMethod),
    traces: array(fields.traces, "traces", decodeTrace),
  };
}

export function decodeSuggestions(answer: unknown): Suggestion[] {
  return array(object(answer, "suggestions").suggestions, "suggestions", decodeSuggestion);
}

export function decodeCurves(buffer: ArrayBuffer): (Curve | Unreadable)[] {
  return decodeContainer(buffer, "curves", decodeCurve);
}

export function decodeSlopes(buffer: ArrayBuffer): (Slope | Unreadable)[] {
  return decodeContainer(buffer, "slopes", decodeSlope);
}

export function decodeSchedules(buffer: ArrayBuffer): (Schedule | Unreadable)[] {
  return decodeContainer(buffer, "schedules", decodeSchedule);
}

export function decodeScalars(answer: unknown): ScalarName[] {
  return array(object(answer, "scalars").scalars, "scalars", decodeScalarName);
}

export function decodeScalar(answer: unknown): Scalar {
  const fields = object(answer, "scalar");
  const scalar = {
    ...decodeScalarName(fields, "scalar"),
    steps: column(fields.steps, "scalar.steps"),
    wallTimes: column(fields.wall_times, "scalar.wall_times"),
    values: column(fields.values, "scalar.values"),
  };
  const lengths = [scalar.steps, scalar.wallTimes, scalar.values].map(({ length }) => length);
  if (new Set(lengths).size > 1) throw malformed("scalar", "columns of one length", lengths);
  return scalar;
}

export function decodeRecipes(answer: unknown): Recipe[] {
  return array(object(answer, "recipes").recipes, "recipes", decodeRecipe);
}

export function decodePlan(answer: unknown): Plan {
  const fields = object(answer, "recipe");
  return {
    name: text(fields.name, "recipe.name"),
    steps: column(fields.steps, "recipe.steps"),
    learningRates: column(fields.learning_rates, "recipe.learning_rates"),
    code: text(fields.code, "recipe.code"),
  };
}

function decodeCurve({ id, fields, where, column, has }: Entry): Curve {
  const name = text(fields.column, `${where}.column`);
  const isWhole = truth(fields.whole, `${where}.whole`);
  const spread = `${name}_std`;
  return {
    id,
    column: name,
    mode: oneOf(MODES)(fields.mode, `${where}.mode`),
    total: count(fields.total, `${where}.total`),
    isWhole,
    step: column("step"),
    learningRate: column("learning_rate"),
    values: column(name),
    smoothed: isWhole ? null : column("smoothed"),
    spread: has(spread) ? column(spread) : null,
  };
}

function decodeSlope({ id, fields, where, column }: Entry): Slope {
  return {
    id,
    column: text(fields.column, `${where}.column`),
    mode: oneOf(MODES)(fields.mode, `${where}.mode`),
    learningRate: column("learning_rate"),
    slope: column("slope"),
  };
}

function decodeSchedule({ id, fields, where, column, has }: Entry): Schedule {
  return {
    id,
    step: column("step"),
    learningRate: column("learning_rate"),
    epoch: has("epoch") ? column("epoch") : null,
    wallTime: has("wall_time") ? column("wall_time") : null,
    marks: array(fields.marks, `${where}.marks`, decodeMark),
  };
}

function decodeMark(value: unknown, where: string): Mark {
  const fields = object(value, where);
  return { step: count(fields.step, `${where}.step`), text: text(fields.text, `${where}.text`) };
}

function decodeScalarName(value: unknown, where: string): ScalarName {
  const fields = object(value, where);
  return {
    run: text(fields.run, `${where}.run`),
    tag: text(fields.tag, `${where}.tag`),
    unit: oneOf(UNITS)(fields.unit, `${where}.unit`),
  };
}

function decodeRecipe(value: unknown, where: string): Recipe {
  const fields = object(value, where);
  return {
    name: text(fields.name, `${where}.name`),
    label: text(fields.label, `${where}.label`),
    description: text(fields.description, `${where}.description`),
    use: oneOf(USES)(fields.use, `${where}.use`),
    parameters: array(fields.parameters, `${where}.parameters`, decodeParameter),
  };
}

function decodeParameter(value: unknown, where: string): Parameter {
  const fields = object(value, where);
  const named = { name: text(fields.name, `${where}.name`), label: text(fields.label, `${where}.label`) };
  const kind = oneOf(["number", "integer", "choice"])(fields.kind, `${where}.kind`);
  if (kind !== "choice") return { ...named, kind, default: number(fields.default, `${where}.default`) };
  return {
    ...named,
    kind,
    default: text(fields.default, `${where}.default`),
    choices: array(fields.choices, `${where}.choices`, text),
  };
}

function decodeMethod(value: unknown, where: string): Method {
  const fields = object(value, where);
  return {
    name: text(fields.name, `${where}.name`),
    label: text(fields.label, `${where}.label`),
    description: text(fields.description, `${where}.description`),
  };
}

function decodeTrace(value: unknown, where: string): Trace {
  const fields = object(value, where);
  return {
    id: text(fields.id, `${where}.id`),
    run: text(fields.run, `${where}.run`),
    session: text(fields.session, `${where}.session`),
    kind: text(fields.kind, `${where}.kind`),
    isSweep: truth(fields.is_sweep, `${where}.is_sweep`),
    driver: nullable(text, fields.driver, `${where}.driver`),
    status: oneOf(STATUSES)(fields.status, `${where}.status`),
    statusText: text(fields.status_text, `${where}.status_text`),
    stopReason: text(fields.stop_reason, `${where}.stop_reason`),
    columns: array(fields.columns, `${where}.columns`, text),
    monitor: text(fields.monitor, `${where}.monitor`),
    rows: count(fields.rows, `${where}.rows`),
    numSteps: nullable(count, fields.num_steps, `${where}.num_steps`),
    startLr: nullable(number, fields.start_lr, `${where}.start_lr`),
    endLr: nullable(number, fields.end_lr, `${where}.end_lr`),
    optimizer: nullable(text, fields.optimizer, `${where}.optimizer`),
    batchSize: nullable(number, fields.batch_size, `${where}.batch_size`),
    trials: array(fields.trials, `${where}.trials`, decodeTrial),
    started: number(fields.started, `${where}.started`),
    updated: number(fields.updated, `${where}.updated`),
  };
}

function decodeTrial(value: unknown, where: string): Trial {
  const fields = object(value, where);
  return {
    learningRate: number(fields.learning_rate, `${where}.learning_rate`),
    steps: count(fields.steps, `${where}.steps`),
    loss: nullable(number, fields.loss, `${where}.loss`),
  };
}

function decodeSuggestion(value: unknown, where: string): Suggestion {
  const fields = object(value, where);
  return {
    id: text(fields.id, `${where}.id`),
    learningRate: nullable(number, fields.learning_rate, `${where}.learning_rate`),
    lower: nullable(number, fields.lower, `${where}.lower`),
    upper: nullable(number, fields.upper, `${where}.upper`),
    method: text(fields.method, `${where}.method`),
    reason: text(fields.reason, `${where}.reason`),
    confidence: nullable(oneOf(CONFIDENCES), fields.confidence, `${where}.confidence`),
    probability: nullable(share, fields.probability, `${where}.probability`),
    doubt: text(fields.doubt, `${where}.doubt`),
    uses: array(fields.uses, `${where}.uses`, decodeUse),
    shape: nullable(decodeShape, fields.shape, `${where}.shape`),
  };
}

function decodeShape(value: unknown, where: string): Shape {
  const fields = object(value, where);
  return {
    name: oneOf(SHAPES)(fields.name, `${where}.name`),
    sentence: text(fields.sentence, `${where}.sentence`),
  };
}

function decodeUse(value: unknown, where: string): Use {
  const fields = object(value, where);
  return {
    name: oneOf(USES)(fields.name, `${where}.name`),
    learningRate: number(fields.learning_rate, `${where}.learning_rate`),
    lower: nullable(number, fields.lower, `${where}.lower`),
    reason: text(fields.reason, `${where}.reason`),
  };
}
