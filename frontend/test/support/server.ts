/** A server of traces in memory, behind `fetch`. */

import { vi } from "vitest";
import { State } from "../../src/app/state";
import {
  basisJson,
  container,
  OFFER,
  type pairJson,
  probeJson,
  type Row,
  recipesJson,
  type ScheduleRow,
  scheduleContainer,
  slopeContainer,
  suggestionJson,
  traceJson,
  USES,
} from "./wire";

/** What all methods but the default one lack. */
const PLAIN = { confidence: null, uses: USES.slice(0, 1) };

type Changes = NonNullable<ScheduleRow["changes"]>;

export interface ScalarJson {
  readonly run: string;
  readonly tag: string;
  readonly unit: string;
  readonly steps: number[];
  readonly wall_times: number[];
  readonly values: (number | null)[];
}

export class Server {
  /** By id: the values recorded so far. */
  readonly values = new Map<string, number[]>();
  readonly fields = new Map<string, Record<string, unknown>>();
  /** By id: what the values are, where they are no loss. */
  readonly columns = new Map<string, Pick<Row, "column" | "mode" | "spread" | "lowest">>();
  /** The ids of traces too long to be sent whole. */
  readonly long = new Set<string>();
  /** By id: how steep its values are. */
  readonly slopes = new Map<string, number[]>();
  /** By id: what its suggestion by the default method says. */
  readonly suggestions = new Map<string, Record<string, unknown>>();
  /** By id: the columns of trainings and plans. */
  readonly schedules = new Map<string, Omit<ScheduleRow, "id">>();
  /** By id of a training: its probes. */
  readonly probes = new Map<string, ReturnType<typeof probeJson>[]>();
  /** What the probes of any training say. */
  probeSentences = ["The rate stayed within 3 times of the suggestion."];
  /** By id: the rate that relations say of it, where it is not that of `suggestionJson`. */
  readonly rates = new Map<string, number>();
  /** What relations say. */
  relationSentences: string[] = [];
  readonly pairs: ReturnType<typeof pairJson>[] = [];
  readonly scalars: ScalarJson[] = [];
  /** The number of traces that are not listed. */
  omitted = 0;
  /** The sentence with which recipes are refused, while set. */
  refusal: string | null = null;
  /** The rates of recipes that cannot be built. */
  readonly broken = new Set<string>();
  /** Every request in order, decoded. */
  readonly requests: string[] = [];
  /** Every request in order, as it was sent. */
  readonly addresses: string[] = [];
  /** What to answer instead, while set. */
  failure: (() => Promise<Response>) | null = null;
  /** Held answers: a request whose path starts with the key waits for the promise. */
  readonly holds = new Map<string, Promise<void>>();
  /** Every list of traces that was sent. */
  readonly #lists: string[] = [];

  constructor(...ids: string[]) {
    for (const id of ids) this.values.set(id, [3, 2, 1]);
    vi.stubGlobal("fetch", (path: string, init?: RequestInit) => this.answer(path, init?.signal ?? undefined));
  }

  /** A training, or another kind of schedule, with one row per value. */
  addSchedule(
    id: string,
    columns: ScheduleRow["columns"],
    fields: Record<string, unknown> = {},
    changes = [] as Changes,
  ) {
    this.values.set(id, [...(columns.step ?? [])]);
    this.schedules.set(id, { columns, changes });
    this.fields.set(id, { kind: "training", is_sweep: false, ...fields });
  }

  /** Range tests in the middle of a training, at these steps, in a run of their own. */
  addProbes(training: string, steps: readonly number[], fields: Record<string, unknown> = {}): string[] {
    const run = `${training.slice(training.indexOf("/") + 1)}/probes`;
    const ids = steps.map((step) => `p${step}/${run}`);
    steps.forEach((step, index) => {
      this.values.set(ids[index]!, [3, 2, 1]);
      this.fields.set(ids[index]!, { probe: { training: "s", step, learning_rate: 0.1 } });
    });
    this.probes.set(
      training,
      steps.map((step, index) => probeJson(ids[index]!, step, fields)),
    );
    return ids;
  }

  /** By default one with a value at the end of each epoch of `TRAINING`. */
  addScalar(run: string, tag = "epoch_loss", columns: Partial<ScalarJson> = {}) {
    const rows = { steps: [0, 1], wall_times: [101, 103], values: [2, 1] };
    this.scalars.push({ run, tag, unit: "epoch", ...rows, ...columns });
  }

  /** The requests for one route since the last `forget`. */
  asked(route: string): string[] {
    return this.requests.filter((path) => path.startsWith(route));
  }

  /** What each of them asked for. */
  queries(route: string): Record<string, string>[] {
    return this.asked(route).map((path) => Object.fromEntries(new URLSearchParams(path.slice(path.indexOf("?")))));
  }

  /** Holds what is asked from now on until it is released; `holds.clear()` lets later requests through. */
  hold(route: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.holds.set(route, promise);
    return resolve;
  }

  forget(): void {
    this.requests.length = 0;
  }

  private async answer(path: string, signal?: AbortSignal): Promise<Response> {
    this.addresses.push(path);
    this.requests.push(decodeURIComponent(path));
    for (const [start, hold] of this.holds) if (path.startsWith(start)) await abortable(hold, signal);
    if (this.failure) return this.failure();
    const { pathname, searchParams } = new URL(path, "http://host/data/plugin/lr_finder/");
    const ids = searchParams.getAll("trace");
    const number = (name: string) => (searchParams.has(name) ? Number(searchParams.get(name)) : undefined);
    switch (pathname.slice(pathname.lastIndexOf("/") + 1)) {
      case "traces":
        return this.list(searchParams.get("known"));
      case "curves":
        return new Response(container(ids.map((id) => this.curve(id, searchParams))));
      case "slopes":
        return new Response(slopeContainer(ids.map((id) => ({ id, values: this.slopes.get(id) ?? [] }))));
      case "schedules":
        return new Response(scheduleContainer(ids.map((id) => ({ id, ...this.schedules.get(id)! }))));
      case "probes":
        return Response.json({
          probes: ids.map((id) => {
            const points = this.probes.get(id) ?? [];
            return { id, points, sentences: points.length > 0 ? this.probeSentences : [], error: null };
          }),
        });
      case "pairs":
        return Response.json({ pairs: ids.map((id) => this.paired(id)) });
      case "relations":
        return Response.json(this.relation(searchParams));
      case "scalars":
        return Response.json({ scalars: this.scalars.map(({ run, tag, unit }) => ({ run, tag, unit })) });
      case "scalar":
        return this.scalar(searchParams.get("run"), searchParams.get("tag"));
      case "recipes":
        return this.menu(...["total_steps", "learning_rate", "lower"].map(number));
      case "recipe":
        return this.build(searchParams);
      default:
        return this.suggest(ids, searchParams.get("method"), searchParams.get("total_steps"));
    }
  }

  /** A value against a setting, as the server has it: each test in a group of its own values, without repeats. */
  private relation(query: URLSearchParams) {
    const [by, group, asked] = [query.get("by")!, query.get("group"), query.getAll("trace")];
    const ids = asked.length > 0 ? asked : [...this.values.keys()];
    const settingOf = (id: string, name: string) => this.trace(id, []).settings[name] as number | string | undefined;
    const points = ids.flatMap((id) => {
      const [x, y] = [settingOf(id, by), query.get("value") === "lowest" ? 0.5 : (this.rates.get(id) ?? 0.0031)];
      if (x === undefined || y === null) return [];
      const name = group === null ? null : String(settingOf(id, group) ?? "other");
      return [{ id, x, y, lower: y / 10, upper: y * 10, edge: null, confidence: "sure", group: name }];
    });
    const isWord = points.some(({ x }) => typeof x !== "number");
    const names = [...new Set(points.map((point) => point.group))];
    const groups = names.map((name) => ({
      name,
      values: [
        ...Map.groupBy(
          points.filter((point) => point.group === name),
          ({ x }) => x,
        ),
      ].map(([x, some]) => {
        const ys = some.map(({ y }) => y).sort((a, b) => a - b);
        return { x, count: ys.length, median: ys[ys.length >> 1], low: ys[0], high: ys.at(-1) };
      }),
      power: null,
    }));
    const known = new Set(points.map(({ id }) => id));
    const left_out = ids.filter((id) => !known.has(id)).map((id) => ({ id, reason: `Its ${by} is not known.` }));
    return { by, kind: isWord ? "word" : "number", points, groups, sentences: this.relationSentences, left_out };
  }

  private paired(id: string) {
    return { id, pairs: this.pairs.filter(({ training, test }) => [training, test].includes(id)), error: null };
  }

  private curve(id: string, query: URLSearchParams): Row {
    const column = query.get("column");
    const row = { id, values: this.values.get(id) ?? [], ...this.columns.get(id), ...(column && { column }) };
    if (!this.long.has(id)) return row;
    const [lower, upper] = [query.get("lower") ?? 0, query.get("upper") ?? Number.POSITIVE_INFINITY].map(Number);
    return { ...row, thinned: { lower: lower!, upper: upper!, smoothed: Number(query.get("smoothing")) } };
  }

  private list(known: string | null): Response {
    const content = {
      ...OFFER,
      traces: [...this.values].map(([id, values]) => this.trace(id, values)),
      omitted: this.omitted,
    };
    const text = JSON.stringify(content);
    if (text !== this.#lists.at(-1)) this.#lists.push(text);
    const version = `v${this.#lists.length}`;
    return Response.json(known === version ? { version } : { version, ...content });
  }

  private scalar(run: string | null, tag: string | null): Response {
    const found = this.scalars.find((scalar) => scalar.run === run && scalar.tag === tag);
    return found ? Response.json(found) : new Response("No such scalar.", { status: 404 });
  }

  private menu(...known: (number | undefined)[]): Response | Promise<Response> {
    if (this.refusal) return refuse(this.refusal)();
    const basis = basisJson(...known);
    return Response.json({ basis, recipes: recipesJson(basis.learning_rate, basis.lower) });
  }

  private build(query: URLSearchParams): Response | Promise<Response> {
    if (this.refusal) return refuse(this.refusal)();
    if (this.broken.has(query.get("learning_rate")!)) return refuse("This rate cannot be built.")();
    const rates = [1, 2, 1].map((height) => height * Number(query.get("learning_rate")));
    const name = query.get("name");
    const framework = query.get("framework") ?? (query.get("optimizer") === "RAdam" ? "pytorch" : "keras");
    const call = framework === "keras" ? `build("${name}")` : `torch("${name}")`;
    const code = query.has("fine_tuning") ? `tune(${call})` : call;
    const [highest, edge] = [Math.max(...rates), query.get("edge")];
    const margin = edge && { sentence: `${highest} of ${edge}.`, is_above: highest > Number(edge) };
    const drawn = { steps: [0, 1, 2], learning_rates: rates };
    return Response.json({ name, label: `${name} at ${highest}`, total_steps: 3, ...drawn, framework, code, margin });
  }

  private suggest(ids: readonly string[], method: string | null, totalSteps: string | null): Response {
    if (ids.some((id) => !this.values.has(id))) return new Response("No such trace.", { status: 404 });
    const suggestions = ids.map((id) => {
      const name = method ?? String(this.fields.get(id)?.method ?? "auto");
      const fields = name === "auto" ? { ...forLength(totalSteps), ...this.suggestions.get(id) } : PLAIN;
      return suggestionJson(id, { method: name, reason: `By ${name}.`, ...fields });
    });
    return Response.json({ suggestions });
  }

  private trace(id: string, values: number[]) {
    return traceJson(id, { rows: values.length, ...this.fields.get(id) });
  }
}

/** What the default method says for a training of so many steps: rates as they are up to 2000 steps, and half of them beyond. */
function forLength(totalSteps: string | null): Record<string, unknown> {
  const factor = Number(totalSteps ?? 0) > 2000 ? 0.5 : 1;
  const uses = USES.map(({ learning_rate, lower, ...use }) => ({
    ...use,
    learning_rate: learning_rate * factor,
    lower: lower && lower * factor,
    reason: totalSteps === null ? use.reason : `${use.reason} For ${totalSteps} steps.`,
  }));
  return { learning_rate: uses[0]!.learning_rate, uses };
}

/** What the tab knows after its first poll. */
export async function opened(): Promise<State> {
  const state = new State();
  await state.refresh();
  return state;
}

export const unreachable = () => Promise.reject(new TypeError("Failed to fetch"));

export const refuse = (sentence: string) => async () =>
  new Response(sentence, { status: 400, headers: { "content-type": "text/plain; charset=utf-8" } });

function abortable(hold: Promise<void>, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
    hold.then(resolve);
  });
}
