/**
 * The runs that are chosen by default, and the selection as text for an address. The text has one item on each line:
 * `all`, then the ids of the runs to leave out; or `none`, then the slots and ids of the runs to choose.
 */

import { PaletteSlots } from "../chart/palette";
import type { Trace } from "../server/types";
import { isSchedule, isSweep } from "./run";

const SELECTED_AT_MOST = 10;
/** Whether a trace belongs to a view, for each view with a list of runs. */
export const VIEW_PREDICATES = [isSweep, isSchedule];

/** The palette slot of each chosen run, by id. */
export type Chosen = ReadonlyMap<string, number>;

/** A selection read from an address. */
export interface AddressedSelection {
  readonly text: string;
  /** The ids in the text: runs to choose, or runs to leave out. */
  readonly names: ReadonlySet<string>;
  readonly choose: (traces: readonly Trace[]) => Chosen;
}

/** The ids of the traces that are chosen while nobody chooses. */
export function usual(all: readonly Trace[]): Set<string> {
  return inRoom(offered(all, [], all), [], all);
}

/**
 * The traces that may be chosen for nobody beside the chosen ones. Probes are left to those who look for them, unless there
 * are no other sweeps, and none is chosen yet.
 */
export function offered(traces: readonly Trace[], chosen: readonly Trace[], all: readonly Trace[]): readonly Trace[] {
  const hasOthers = chosen.some(isSweep) || all.some((trace) => isSweep(trace) && !trace.probe);
  return hasOthers ? traces.filter(({ probe }) => !probe) : traces;
}

/**
 * The ids of the traces that their views have room for beside the chosen ones, out of all there are: sweeps first, and the
 * newest first. What ended without a point waits for views in which nothing has one.
 */
export function inRoom(traces: readonly Trace[], chosen: readonly Trace[], all: readonly Trace[]): Set<string> {
  const rooms = VIEW_PREDICATES.map((isAbout) => ({
    isAbout,
    left: SELECTED_AT_MOST - chosen.filter(isAbout).length,
    isEmpty: !all.some((trace) => isAbout(trace) && mayHavePoints(trace)),
  }));
  const newest = traces.toSorted((a, b) => b.started - a.started);
  const added = new Set<string>();
  for (const trace of new Set([...newest.filter(isSweep), ...newest])) {
    const theirs = rooms.filter(({ isAbout }) => isAbout(trace));
    if (!theirs.some(({ left, isEmpty }) => left > 0 && (isEmpty || mayHavePoints(trace)))) continue;
    for (const room of theirs) room.left -= 1;
    added.add(trace.id);
  }
  return added;
}

function mayHavePoints({ rows, status }: Trace): boolean {
  return rows > 0 || status === "running";
}

/** The selection as the text with the fewest ids; null for the default selection. */
export function writeSelection(traces: readonly Trace[], chosen: Chosen): string | null {
  const unchosen = usual(traces);
  if (traces.every(({ id }) => unchosen.has(id) === chosen.has(id))) return null;
  const [inside, outside] = [traces.filter(({ id }) => chosen.has(id)), traces.filter(({ id }) => !chosen.has(id))];
  const [all, exceptions] = [assigned(traces), outside.map(({ id }) => id)];
  const isUsual = inside.every(({ id }) => all.get(id) === chosen.get(id));
  if (isUsual && outside.length < inside.length) return ["all", ...exceptions].join("\n");
  return ["none", ...inside.map(({ id }) => `${chosen.get(id)} ${id}`)].join("\n");
}

/** The selection in a text; undefined for a malformed text. */
export function readSelection(text: string): AddressedSelection | undefined {
  const [word, ...others] = text.split("\n");
  if (word === "all") {
    const names = new Set(others);
    return { text, names, choose: (traces) => new Map([...assigned(traces)].filter(([id]) => !names.has(id))) };
  }
  if (word !== "none") return undefined;
  const slots = new Map(others.map((line) => [line.slice(line.indexOf(" ") + 1), slotIn(line)]));
  const choose = (traces: readonly Trace[]) =>
    new Map(traces.flatMap(({ id }) => (slots.has(id) ? [[id, slots.get(id)!] as const] : [])));
  return { text, names: new Set(slots.keys()), choose };
}

/** The number at the start of a line; 0 where it is no slot. */
function slotIn(line: string): number {
  const slot = Number.parseInt(line, 10);
  return Number.isSafeInteger(slot) ? Math.max(slot, 0) : 0;
}

/** The slot of each trace when all traces are chosen at once. */
function assigned(traces: readonly Trace[]): Chosen {
  const slots = new PaletteSlots(VIEW_PREDICATES);
  slots.assign(traces, []);
  return new Map(traces.map(({ id }) => [id, slots.of(id)!]));
}
