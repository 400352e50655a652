/** The part of an answer that is malformed takes nothing else with it: what stands in its place, in words. */

import { type Decoder, key, prose, rescued, text, truth } from "../base/decoder";
import { type Trace, trace, type Unreadable } from "./types";

const NAMELESS = "(unnamed)";

/** The traces of a list, each with an id of its own; those that are malformed or listed twice are damaged. */
export const traces: Decoder<readonly Trace[]> = (value, where) => identified(received(value, where));

const received = rescued(trace, (value, reason) => [damaged(value, reason)]);

/** The reason why an entry cannot be read; none where it says not even which trace it is about. */
export function asUnreadable(value: unknown, reason: string): Unreadable[] {
  const id = field(value, "id", key, "");
  return id === "" ? [] : [{ id, error: inWords(reason) }];
}

/** What is known of a malformed trace beside its name and its view. */
const UNKNOWN = {
  driver: null,
  status: "damaged",
  stopReason: "",
  values: [],
  monitor: "",
  method: null,
  totalSteps: null,
  rows: 0,
  numSteps: null,
  startLr: null,
  endLr: null,
  optimizer: null,
  batchSize: null,
  framework: null,
  settings: {},
  note: null,
  tags: [],
  trials: [],
  probe: null,
  started: 0,
  updated: 0,
} as const;

/** The trace that stands for a malformed one: its name and its view where these can be told, and no rows. */
function damaged(value: unknown, reason: string): Trace {
  const kind = field(value, "kind", text, "range_test");
  return {
    id: field(value, "id", key, ""),
    run: field(value, "run", prose, NAMELESS),
    session: field(value, "session", prose, ""),
    kind,
    isSweep: field(value, "is_sweep", truth, kind === "range_test"),
    statusText: inWords(reason),
    ...UNKNOWN,
  };
}

/** The traces with an id for each that has none; one whose id is taken is damaged. */
function identified(listed: readonly Trace[]): Trace[] {
  const named = new Set(listed.map(({ id }) => id));
  const taken = new Set([""]);
  return listed.map((one, index) => {
    const isTaken = taken.has(one.id);
    taken.add(one.id);
    if (!isTaken) return one;
    const damage = one.id === "" ? {} : { ...UNKNOWN, statusText: inWords("its id stands in the list twice.") };
    return { ...one, ...damage, id: unused(`${one.id} #${index}`, named) };
  });
}

function unused(id: string, named: ReadonlySet<string>): string {
  return named.has(id) ? unused(`${id}#`, named) : id;
}

function field<T>(value: unknown, name: string, decode: Decoder<T>, fallback: T): T {
  try {
    return decode((value as Readonly<Record<string, unknown>>)[name], name);
  } catch {
    return fallback;
  }
}

function inWords(reason: string): string {
  return `TensorBoard's answer about this run is malformed: ${reason}`;
}
