/** The three data routes. Addresses are relative to the tab's page, so that path prefixes and proxies keep working. */

import type { Curve, CurveError, Suggestion, TraceList } from "../model/types";
import { decodeCurves, decodeSuggestions, decodeTraces } from "./decode";

const TIMEOUT_MS = 30_000;
/** Ids per request: keeps addresses well below the 8 kB that proxies accept. */
const IDS_PER_REQUEST = 30;

export async function fetchTraces(signal: AbortSignal): Promise<TraceList> {
  const response = await get("traces", signal);
  return decodeTraces(await response.json());
}

export async function fetchCurves(ids: readonly string[], signal: AbortSignal): Promise<(Curve | CurveError)[]> {
  return inChunks(ids, async (query) => {
    const response = await get(`curves?${query}`, signal);
    return decodeCurves(await response.arrayBuffer());
  });
}

export async function fetchSuggestions(
  ids: readonly string[],
  method: string,
  signal: AbortSignal,
): Promise<Suggestion[]> {
  return inChunks(ids, async (query) => {
    const response = await get(`suggestions?${query}&method=${encodeURIComponent(method)}`, signal);
    return decodeSuggestions(await response.json());
  });
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

/** The server's own sentence where there is one: errors of the plugin are plain text, others may be a page. */
async function refusal(response: Response): Promise<string> {
  const isPlain = response.headers.get("content-type")?.startsWith("text/plain");
  const sentence = isPlain ? (await response.text()).trim() : "";
  return sentence || `TensorBoard answered with status ${response.status}.`;
}
