/** Which runs are chosen while nobody chooses, and how an address says which: `all` or `none`, and below it the exceptions. */

import type { Trace } from "./types";
import { isSchedule, isSweep } from "./view";

const SELECTED_AT_MOST = 10;
export const VIEWS = [isSweep, isSchedule];

/** What an address wants. */
export interface Wanted {
  readonly text: string;
  readonly matches: (id: string) => boolean;
  /** When it was opened, in seconds. */
  readonly since: number;
}

/** The traces for which their view has room beside the chosen ones, those of the finder first. */
export function inRoom(traces: readonly Trace[], chosen: readonly Trace[]): Set<string> {
  const rooms = VIEWS.map((isAbout) => ({ isAbout, left: SELECTED_AT_MOST - chosen.filter(isAbout).length }));
  const added = new Set<string>();
  for (const trace of new Set([...traces.filter(isSweep), ...traces])) {
    const theirs = rooms.filter(({ isAbout }) => isAbout(trace));
    if (!theirs.some(({ left }) => left > 0)) continue;
    for (const room of theirs) room.left -= 1;
    added.add(trace.id);
  }
  return added;
}

/** In the fewest names. */
export function writeSelection(ids: readonly string[], chosen: ReadonlySet<string>): string {
  const [inside, outside] = [ids.filter((id) => chosen.has(id)), ids.filter((id) => !chosen.has(id))];
  return (outside.length < inside.length ? ["all", ...outside] : ["none", ...inside]).join("\n");
}

/** Tells of each run whether it is chosen; undefined where the text does not say. */
export function readSelection(text: string): Wanted["matches"] | undefined {
  const [word, ...others] = text.split("\n");
  const exceptions = new Set(others);
  if (word === "all") return (id) => !exceptions.has(id);
  if (word === "none") return (id) => exceptions.has(id);
  return undefined;
}
