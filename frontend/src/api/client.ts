/** The data routes. Addresses are relative to the tab's page, so that path prefixes and proxies keep working. */

import type {
  Curve,
  Plan,
  Points,
  Recipe,
  Scalar,
  ScalarName,
  Schedule,
  Suggestion,
  TraceList,
  Unreadable,
} from "../model/types";
import {
  decodeCurves,
  decodePlan,
  decodeRecipes,
  decodeScalar,
  decodeScalars,
  decodeSchedules,
  decodeSuggestions,
  decodeTraces,
} from "./decode";

const TIMEOUT_MS = 30_000;
/** Ids per request: keeps addresses well below the 8 kB that proxies accept. */
const IDS_PER_REQUEST = 30;

export async function fetchTraces(signal: AbortSignal): Promise<TraceList> {
  const response = await get("traces", signal);
  return decodeTraces(await response.json());
}

export async function fetchCurves(
  ids: readonly string[],
  by: Points,
  signal: AbortSignal,
): Promise<(Curve | Unreadable)[]> {
  return inChunks(ids, async (query) => {
    const response = await get(`curves?${query}${pointsOf(by)}`, signal);
    return decodeCurves(await response.arrayBuffer());
  });
}

export async function fetchSuggestions(
  ids: readonly string[],
  method: string,
  by: Points,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  return inChunks(ids, async (query) => {
    const response = await get(`suggestions?${query}&method=${encodeURIComponent(method)}${pointsOf(by)}`, signal);
    return decodeSuggestions(await response.json());
  });
}

export async function fetchSchedules(ids: readonly string[], signal: AbortSignal): Promise<(Schedule | Unreadable)[]> {
  return inChunks(ids, async (query) => {
    const response = await get(`schedules?${query}`, signal);
    return decodeSchedules(await response.arrayBuffer());
  });
}

export async function fetchScalars(signal: AbortSignal): Promise<ScalarName[]> {
  const response = await get("scalars", signal);
  return decodeScalars(await response.json());
}

export async function fetchScalar({ run, tag }: ScalarName, signal: AbortSignal): Promise<Scalar> {
  const response = await get(`scalar?${new URLSearchParams({ run, tag })}`, signal);
  return decodeScalar(await response.json());
}

/** `basis` is what the parameters follow from: total steps and rates. */
export async function fetchRecipes(basis: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Recipe[]> {
  const response = await get(`recipes?${new URLSearchParams(basis)}`, signal);
  return decodeRecipes(await response.json());
}

export async function fetchPlan(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Plan> {
  const response = await get(`recipe?${new URLSearchParams(query)}`, signal);
  return decodePlan(await response.json());
}

/** One point per recorded step is what the server sends unasked. */
function pointsOf(by: Points): string {
  return by === "epoch" ? "&by=epoch" : "";
}

async function inChunks<T>(ids: readonly string[], load: (query: string) => Promise<T[]>): Promise<T[]> {
  const loads: Promise<T[]>[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_REQUEST) {
    const chunk = ids.slice(start, start + IDS_PER_REQUEST);
    loads.push(load(chunk.map((id) => `trace=${encodeURIComponent(id)}`).join("&")));
  }
  return (await Promise.all(loads)).flat();
}

async function get(path: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) }).catch(
    (reason: unknown) => {
      if (signal.aborted) throw reason;
      throw new Error("TensorBoard does not answer.");
    },
  );
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
