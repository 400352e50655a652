/** The data routes. Addresses are relative to the tab's page, so that path prefixes and proxies keep working. */

import { Malformed } from "../base/decoder";
import {
  decodeBuiltRecipe,
  decodeCurves,
  decodePairs,
  decodeProbes,
  decodeRecipes,
  decodeRelation,
  decodeScalar,
  decodeScalars,
  decodeSchedules,
  decodeSlopes,
  decodeSuggestions,
  decodeTraces,
  decodeVersion,
  type RecipeMenu,
  type TraceList,
} from "./decode";
import type {
  BuiltRecipe,
  Curve,
  Pairs,
  Probes,
  Relation,
  Scalar,
  ScalarName,
  Schedule,
  Slope,
  Suggestion,
  Unreadable,
  UnreadableScalar,
} from "./types";

const TIMEOUT_MS = 30_000;
/** Characters of an address: proxies accept 8 kB of a whole request line, with the path of TensorBoard before ours. */
const LONGEST_ADDRESS = 6_000;
/** Characters that the longest path takes of an address: 4,096 bytes, each of them as `%20`. */
const LONGEST_ID = 12_300;

/** Arguments of a route by name, without the traces; the server has defaults for those left out. */
export type Query = Readonly<Record<string, string>>;

/** The list of traces; null where nothing changed since the version that is known. */
export async function fetchTraces(known: string, signal: AbortSignal): Promise<TraceList | null> {
  const response = await get(`traces?${new URLSearchParams({ known })}`, signal);
  const answer: unknown = await response.json();
  return decodeVersion(answer) === known ? null : decodeTraces(answer);
}

/** `query`: `by`, `column`, `max_points`, `smoothing`, `lower`, `upper`, `skip_start`, `skip_end`. */
export async function fetchCurves(ids: readonly string[], query: Query): Promise<readonly (Curve | Unreadable)[]> {
  return inChunks("curves", ids, query, async (response) => decodeCurves(await response.arrayBuffer()));
}

/** `query`: `by`, `column`, `sigma`, `skip_start`, `skip_end`. */
export async function fetchSlopes(ids: readonly string[], query: Query): Promise<readonly (Slope | Unreadable)[]> {
  return inChunks("slopes", ids, query, async (response) => decodeSlopes(await response.arrayBuffer()));
}

export async function fetchSuggestions(
  ids: readonly string[],
  query: Query,
): Promise<readonly (Suggestion | Unreadable)[]> {
  return inChunks("suggestions", ids, query, async (response) => decodeSuggestions(await response.json()));
}

export async function fetchSchedules(ids: readonly string[]): Promise<readonly (Schedule | Unreadable)[]> {
  return inChunks("schedules", ids, {}, async (response) => decodeSchedules(await response.arrayBuffer()));
}

/** The probes of trainings. */
export async function fetchProbes(ids: readonly string[]): Promise<readonly (Probes | Unreadable)[]> {
  return inChunks("probes", ids, {}, async (response) => decodeProbes(await response.json()));
}

/** The trainings and range tests that belong to each other. */
export async function fetchPairs(ids: readonly string[]): Promise<readonly (Pairs | Unreadable)[]> {
  return inChunks("pairs", ids, {}, async (response) => decodePairs(await response.json()));
}

/** Of as many of the tests as one request has room for; of all tests for none. `query`: `by`, `group`, `value`, `method`. */
export async function fetchRelation(ids: readonly string[], query: Query): Promise<Relation> {
  const others = Object.entries(query);
  const [some = []] = chunksOf(ids, LONGEST_ADDRESS - `relations?${new URLSearchParams(others)}`.length);
  const response = await get(`relations?${new URLSearchParams([...some.map((id) => ["trace", id]), ...others])}`);
  return decodeRelation(await response.json());
}

export async function fetchScalars(): Promise<readonly ScalarName[]> {
  const response = await get("scalars");
  return decodeScalars(await response.json());
}

export async function fetchScalar(name: ScalarName): Promise<Scalar | UnreadableScalar> {
  const { run, tag } = name;
  const response = await get(`scalar?${new URLSearchParams({ run, tag })}`);
  const answer: unknown = await response.json();
  try {
    return decodeScalar(answer);
  } catch (error) {
    if (error instanceof Malformed) return { ...name, error: error.message };
    throw error;
  }
}

/** `query`: `total_steps`, `learning_rate`, `lower`, from which the defaults of the parameters follow. */
export async function fetchRecipes(query: Query, signal: AbortSignal): Promise<RecipeMenu> {
  const response = await get(`recipes?${new URLSearchParams(query)}`, signal);
  return decodeRecipes(await response.json());
}

/** `query`: `name`, `total_steps`, `batch_size`, `optimizer`, `framework`, `fine_tuning`, `edge`, and parameters of the recipe. */
export async function fetchBuiltRecipe(query: Query, signal: AbortSignal): Promise<BuiltRecipe> {
  const response = await get(`recipe?${new URLSearchParams(query)}`, signal);
  return decodeBuiltRecipe(await response.json());
}

/**
 * Asks for many traces, in as few requests as their addresses allow. Each of them has an entry in what is returned: a trace that
 * cannot be asked for, or that the answer leaves out, is unreadable.
 */
async function inChunks<T extends { readonly id: string }>(
  route: string,
  ids: readonly string[],
  query: Query,
  decode: (response: Response) => Promise<readonly (T | Unreadable)[]>,
): Promise<readonly (T | Unreadable)[]> {
  const others = Object.entries(query);
  const room = LONGEST_ADDRESS - `${route}?${new URLSearchParams(others)}`.length;
  const askable = ids.filter((id) => lengthOf(id) <= LONGEST_ID);
  const loads = chunksOf(askable, room).map(async (chunk) => {
    const asked = new URLSearchParams([...chunk.map((id) => ["trace", id]), ...others]);
    return decode(await get(`${route}?${asked}`));
  });
  const answered = new Map((await Promise.all(loads)).flat().map((entry) => [entry.id, entry]));
  return ids.map((id) => answered.get(id) ?? { id, error: lengthOf(id) > LONGEST_ID ? TOO_LONG : UNANSWERED });
}

const TOO_LONG = "The name of this run is too long for an address, by which its rows would be asked for.";
const UNANSWERED = "TensorBoard's answer says nothing about this run.";

/** The number of characters that an id takes of an address. */
function lengthOf(id: string): number {
  return `${new URLSearchParams({ trace: id })}&`.length;
}

/** The ids in groups that take no more characters of an address than there is room for; one alone may. */
function chunksOf(ids: readonly string[], room: number): string[][] {
  const chunks: string[][] = [];
  let left = 0;
  for (const id of ids) {
    const length = lengthOf(id);
    if (length > left) {
      chunks.push([]);
      left = room;
    }
    chunks.at(-1)!.push(id);
    left -= length;
  }
  return chunks;
}

async function get(path: string, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const ended = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const response = await fetch(path, { signal: ended }).catch((reason: unknown) => {
    if (signal?.aborted) throw reason;
    throw new Error("TensorBoard does not answer.");
  });
  if (!response.ok) throw new Error(await refusal(response));
  return response;
}

/**
 * The server's own sentence where there is one: errors of the plugin are plain text, others may be a page. TensorBoard puts
 * the kind of the error before the sentence.
 */
async function refusal(response: Response): Promise<string> {
  const isPlain = response.headers.get("content-type")?.startsWith("text/plain");
  const sentence = isPlain ? (await response.text()).trim().replace(/^(Invalid argument|Not found): /, "") : "";
  return sentence || `TensorBoard answered with status ${response.status}.`;
}
