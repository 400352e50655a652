/** `unknown → typed`: checks every answer of the server against `http_api.md` and says in words what does not fit. */

import {
  CONFIDENCES,
  type Curve,
  type CurveError,
  type Method,
  MODES,
  STATUSES,
  type Suggestion,
  type Trace,
  type TraceList,
  type Trial,
  USES,
  type Use,
} from "../model/types";

const MAGIC = "LRF1";
const HEADER_BYTES = 8;

type Fields = Readonly<Record<string, unknown>>;
type Decoder<T> = (value: unknown, where: string) => T;

export function decodeTraces(answer: unknown): TraceList {
  const fields = object(answer, "traces");
  return {
    methods: array(fields.methods, "methods", decodeMethod),
    traces: array(fields.traces, "traces", decodeTrace),
  };
}

export function decodeSuggestions(answer: unknown): Suggestion[] {
  return array(object(answer, "suggestions").suggestions, "suggestions", decodeSuggestion);
}

/** The binary container. The columns are views into `buffer`: nothing is copied. */
export function decodeCurves(buffer: ArrayBuffer): (Curve | CurveError)[] {
  if (buffer.byteLength < HEADER_BYTES) throw malformed("curves", `at least ${HEADER_BYTES} bytes`, buffer.byteLength);
  const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC) throw malformed("curves", `the letters ${MAGIC} at the start`, magic);
  const length = new DataView(buffer).getUint32(4, true);
  const start = HEADER_BYTES + length;
  if (length % 8 !== 0 || start > buffer.byteLength) {
    throw malformed("the directory of curves", "a length that is a multiple of 8 and fits the answer", length);
  }
  const directory = object(parseDirectory(new Uint8Array(buffer, HEADER_BYTES, length)), "the directory of curves");
  return array(directory.traces, "traces", (entry, where) => decodeCurve(object(entry, where), where, buffer, start));
}

function decodeCurve(entry: Fields, where: string, buffer: ArrayBuffer, start: number): Curve | CurveError {
  const id = text(entry.id, `${where}.id`);
  if (entry.error !== undefined) return { id, error: text(entry.error, `${where}.error`) };
  const rows = count(entry.rows, `${where}.rows`);
  const monitor = text(entry.monitor, `${where}.monitor`);
  const mode = oneOf(MODES)(entry.mode, `${where}.mode`);
  const offsets = new Map(
    array(entry.columns, `${where}.columns`, (value, place) => {
      const column = object(value, place);
      return [text(column.name, `${place}.name`), count(column.offset, `${place}.offset`)] as const;
    }),
  );
  const column = (name: string) => {
    const offset = rows === 0 ? 0 : offsets.get(name);
    if (offset === undefined) throw malformed(`${where}.columns`, `a list with "${name}"`, [...offsets.keys()]);
    if (offset % 8 !== 0 || start + offset + rows * 8 > buffer.byteLength) {
      throw malformed(`column "${name}" of ${id}`, `${rows} values inside the ${buffer.byteLength} bytes`, offset);
    }
    return new Float64Array(buffer, start + offset, rows);
  };
  return { id, monitor, mode, step: column("step"), learningRate: column("learning_rate"), values: column(monitor) };
}

function parseDirectory(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw malformed("the directory of curves", "JSON", new TextDecoder().decode(bytes.slice(0, 40)));
  }
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
    status: oneOf(STATUSES)(fields.status, `${where}.status`),
    statusText: text(fields.status_text, `${where}.status_text`),
    rows: count(fields.rows, `${where}.rows`),
    numSteps: nullable(count, fields.num_steps, `${where}.num_steps`),
    startLr: nullable(number, fields.start_lr, `${where}.start_lr`),
    endLr: nullable(number, fields.end_lr, `${where}.end_lr`),
    optimizer: nullable(text, fields.optimizer, `${where}.optimizer`),
    batchSize: nullable(number, fields.batch_size, `${where}.batch_size`),
    trials: array(fields.trials, `${where}.trials`, decodeTrial),
    started: number(fields.started, `${where}.started`),
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
    reason: text(fields.reason, `${where}.reason`),
    confidence: nullable(oneOf(CONFIDENCES), fields.confidence, `${where}.confidence`),
    probability: nullable(share, fields.probability, `${where}.probability`),
    doubt: text(fields.doubt, `${where}.doubt`),
    uses: array(fields.uses, `${where}.uses`, decodeUse),
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

function object(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(where, "an object", value);
  return value as Fields;
}

function array<T>(value: unknown, where: string, item: Decoder<T>): T[] {
  if (!Array.isArray(value)) throw malformed(where, "an array", value);
  return value.map((element, index) => item(element, `${where}[${index}]`));
}

function text(value: unknown, where: string): string {
  if (typeof value !== "string") throw malformed(where, "text", value);
  return value;
}

function number(value: unknown, where: string): number {
  if (typeof value !== "number") throw malformed(where, "a number", value);
  return value;
}

function share(value: unknown, where: string): number {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) throw malformed(where, "a number from 0 to 1", value);
  return value;
}

function count(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw malformed(where, "a whole number from 0", value);
  return value as number;
}

function nullable<T>(decode: Decoder<T>, value: unknown, where: string): T | null {
  return value === null ? null : decode(value, where);
}

function oneOf<T extends string>(allowed: readonly T[]): Decoder<T> {
  return (value, where) => {
    if (!allowed.includes(value as T)) throw malformed(where, `one of ${allowed.join(", ")}`, value);
    return value as T;
  };
}

function malformed(where: string, expected: string, received: unknown): Error {
  const shown = JSON.stringify(received) ?? String(received);
  return new Error(`The server's answer is malformed: ${where} must be ${expected}. Received: ${shown.slice(0, 80)}.`);
}
