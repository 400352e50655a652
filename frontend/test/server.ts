/** A server of traces in memory, behind `fetch`. */

import { vi } from "vitest";
import { container, METHODS, type Row, suggestionJson, traceJson, USES } from "./wire";

/** What all methods but the default one lack. */
const PLAIN = { confidence: null, probability: null, uses: USES.slice(0, 1) };

export class Server {
  /** By id: the values recorded so far. */
  readonly values = new Map<string, number[]>();
  readonly fields = new Map<string, Record<string, unknown>>();
  /** By id: what the values are, where they are no loss. */
  readonly monitors = new Map<string, Pick<Row, "monitor" | "mode">>();
  /** By id: what its suggestion by the default method says. */
  readonly suggestions = new Map<string, Record<string, unknown>>();
  /** Every request in order, decoded. */
  readonly requests: string[] = [];
  /** What to answer instead, while set. */
  failure: (() => Promise<Response>) | null = null;
  /** Whether an aborted request ends at once; an answer already on its way arrives all the same. */
  isAbortable = true;
  /** Held answers: a request whose path starts with the key waits for the promise. */
  readonly holds = new Map<string, Promise<void>>();

  constructor(...ids: string[]) {
    for (const id of ids) this.values.set(id, [3, 2, 1]);
    vi.stubGlobal("fetch", (path: string, init?: RequestInit) => this.answer(path, init?.signal ?? undefined));
  }

  /** The requests for one route since the last `forget`. */
  asked(route: string): string[] {
    return this.requests.filter((path) => path.startsWith(route));
  }

  forget(): void {
    this.requests.length = 0;
  }

  private async answer(path: string, signal?: AbortSignal): Promise<Response> {
    this.requests.push(decodeURIComponent(path));
    for (const [start, hold] of this.holds)
      if (path.startsWith(start)) await (this.isAbortable ? abortable(hold, signal) : hold);
    if (this.failure) return this.failure();
    const { pathname, searchParams } = new URL(path, "http://host/data/plugin/lr_finder/");
    const ids = searchParams.getAll("trace");
    switch (pathname.slice(pathname.lastIndexOf("/") + 1)) {
      case "traces":
        return Response.json({
          methods: METHODS,
          traces: [...this.values].map(([id, values]) => this.trace(id, values)),
        });
      case "curves":
        return new Response(
          container(ids.map((id) => ({ id, values: this.values.get(id) ?? [], ...this.monitors.get(id) }))),
        );
      default: {
        const method = searchParams.get("method");
        const reason = `By ${method}.`;
        const fields = (id: string) => (method === "auto" ? this.suggestions.get(id) : PLAIN);
        return Response.json({ suggestions: ids.map((id) => suggestionJson(id, { reason, ...fields(id) })) });
      }
    }
  }

  private trace(id: string, values: number[]) {
    return traceJson(id, { rows: values.length, ...this.fields.get(id) });
  }
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
