/**
 * Which runs are chosen while nobody chooses, and how an address says which are: `all`, and below it the exceptions; or
 * `none`, and below it the exceptions with their slots.
 */

import { PaletteSlots } from "../chart/palette";
import type { Trace } from "../server/types";
import { isSchedule, isSweep } from "./run";

const SELECTED_AT_MOST = 10;
/** Whether a trace belongs to a view, for each view with a list of runs. */
export const VIEW_PREDICATES = [isSweep, isSchedule];

/** The slot in the palette of each run that is chosen, by id. */
export type Chosen = ReadonlyMap<string, number>;

/** The choice that an address makes. */
export interface AddressedSelection {
  readonly text: string;
  /** The ids that it holds: runs to choose, or to leave out. */
  readonly names: ReadonlySet<string>;
  readonly choose: (traces: readonly Trace[]) => Chosen;
}

/** The traces for which their view has room beside the chosen ones, those of the finder first. */
export function inRoom(traces: readonly Trace[], chosen: readonly Trace[]): Set<string> {
  const rooms = VIEW_PREDICATES.map((isAbout) => ({ isAbout, left: SELECTED_AT_MOST - chosen.filter(isAbout).length }));
  const added = new Set<string>();
  for (const trace of new Set([...traces.filter(isSweep), ...traces])) {
    const theirs = rooms.filter(({ isAbout }) => isAbout(trace));
    if (!theirs.some(({ left }) => left > 0)) continue;
    for (const room of theirs) room.left -= 1;
    added.add(trace.id);
  }
  return added;
}

/** The selection in the fewest names; null where it is what everybody sees who chooses nothing. */
export function writeSelection(traces: readonly Trace[], chosen: Chosen): string | null {
  const usual = inRoom(traces, []);
  if (traces.every(({ id }) => usual.has(id) === chosen.has(id))) return null;
  const [inside, outside] = [traces.filter(({ id }) => chosen.has(id)), traces.filter(({ id }) => !chosen.has(id))];
  const [all, exceptions] = [assigned(traces), outside.map(({ id }) => id)];
  const isUsual = inside.every(({ id }) => all.get(id) === chosen.get(id));
  if (isUsual && outside.length < inside.length) return ["all", ...exceptions].join("\n");
  return ["none", ...inside.map(({ id }) => `${chosen.get(id)} ${id}`)].join("\n");
}

/** The selection that a text holds; undefined where it is none. */
export function readSelection(text: string): AddressedSelection | undefined {
  const [word, ...others] = text.split("\n");
  if (word === "all") {
    const names = new Set(others);
    return { text, names, choose: (traces) => new Map([...assigned(traces)].filter(([id]) => !names.has(id))) };
  }
  if (word !== "none") return undefined;
  const slots = new Map(others.map((line) => [line.slice(line.indexOf(" ") + 1), Number.parseInt(line, 10) || 0]));
  const choose = (traces: readonly Trace[]) =>
    new Map(traces.flatMap(({ id }) => (slots.has(id) ? [[id, slots.get(id)!] as const] : [])));
  return { text, names: new Set(slots.keys()), choose };
}

/** The traces in the slots they get when they are all that there are. */
function assigned(traces: readonly Trace[]): Chosen {
  const slots = new PaletteSlots(VIEW_PREDICATES);
  slots.assign(traces, []);
  return new Map(traces.map(({ id }) => [id, slots.of(id)!]));
}
