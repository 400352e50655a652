/** Line styles that tell runs apart: a colour, and a dash pattern where the colours run out. */

import type { Trace } from "../server/types";

/** The number of colours in the theme. */
const COLORS = 7;
/** Dash patterns of lines with round ends: solid, dashed, dotted, dash-dot, dash-dot-dot. */
const DASHES = ["", "7 6", "0.1 6", "9 5 0.1 5", "6 4 0.1 4 0.1 4"];

/** The number of slots that look different from each other. */
const LOOKS = COLORS * DASHES.length;

/** The style of the line of a run. */
export interface LineStyle {
  /** Any CSS colour, a variable included. */
  readonly color: string;
  /** Lengths of dashes and gaps, as in SVG's `stroke-dasharray`; empty for a solid line. */
  readonly dash: string;
}

/** The style of a run that is not drawn. */
export const PLAIN: LineStyle = { color: "var(--border-strong)", dash: "" };
/** The style of what belongs to no run of its own. */
export const LOOSE: LineStyle = { color: "var(--text-muted)", dash: "" };
/** Between the dashes of its slot, the long ones of a plan in the chart of schedules. */
const PLANNED = "12 5";
/** Between the dashes of its slot, those of the scalars of one run that are drawn beside each other. */
const SCALARS = ["", "0.1 4", "8 4", "2 4"];
/** The most tags that dashes tell apart. */
export const TAGS_AT_MOST = SCALARS.length;
/** The colour of a scalar that belongs to no schedule. */
export const UNRELATED = "var(--run-unrelated)";

export function colorAt(index: number): string {
  return `var(--run-${index % COLORS})`;
}

export function dashAt(index: number): string {
  return DASHES[index % DASHES.length]!;
}

/** The style of a slot: every colour with a solid line, then every colour with the next pattern. */
export function styleAt(slot: number): LineStyle {
  return { color: colorAt(slot), dash: dashAt(roundOf(slot)) };
}

/** The dashes of a plan whose slot has these. */
export function plannedDash(dash: string): string {
  return `${PLANNED} ${dash}`.trim();
}

/** The dashes of a scalar of a run whose slot has these, by its place among the scalars of that run. */
export function scalarDash(dash: string, index: number): string {
  return `${SCALARS[index % SCALARS.length]} ${dash}`.trim();
}

/** The number of times that all colours were used up before. */
export function roundOf(index: number): number {
  return Math.floor(index / COLORS);
}

/** The slots of runs in the palette. No two runs that one view shows have the same slot. */
export class PaletteSlots {
  readonly #views: readonly ((trace: Trace) => boolean)[];
  readonly #slots = new Map<string, number>();

  constructor(views: readonly ((trace: Trace) => boolean)[]) {
    this.#views = views;
  }

  of(id: string): number | undefined {
    return this.#slots.get(id);
  }

  put(id: string, slot: number): void {
    this.#slots.set(id, slot);
  }

  /**
   * Gives each run a slot of its own beside those that a view shows with it. The others keep theirs, unless they could look
   * different from all the rest and do not; the added ones take back what they had, unless it needs a dash that could be spared.
   */
  assign(added: readonly Trace[], others: readonly Trace[]): void {
    const views = this.#views.map((isAbout) => new TakenSlots(isAbout, [...others, ...added].filter(isAbout).length));
    const viewsOf = (trace: Trace) => views.filter(({ isAbout }) => isAbout(trace));
    const take = ({ id }: Trace, theirs: readonly TakenSlots[], slot: number) => {
      this.#slots.set(id, slot);
      for (const view of theirs) view.take(slot);
    };
    const holds = (most: (shown: number) => number) => (trace: Trace) => {
      const [slot, theirs] = [this.#slots.get(trace.id), viewsOf(trace)];
      const limit = most(Math.max(...theirs.map(({ shown }) => shown)));
      if (slot === undefined || slot >= limit || theirs.some((view) => view.has(slot))) return false;
      take(trace, theirs, slot);
      return true;
    };
    const keeps = holds((shown) => (shown > LOOKS ? Number.POSITIVE_INFINITY : LOOKS));
    const regains = holds((shown) => Math.max(shown, COLORS));
    for (const trace of [...others.filter((run) => !keeps(run)), ...added.filter((run) => !regains(run))]) {
      const theirs = viewsOf(trace);
      let slot = Math.max(0, ...theirs.map(({ firstFree }) => firstFree));
      while (theirs.some((view) => view.has(slot))) slot += 1;
      take(trace, theirs, slot);
    }
  }
}

/** The slots that are taken in one view. */
class TakenSlots {
  readonly isAbout: (trace: Trace) => boolean;
  /** The number of runs that the view shows. */
  readonly shown: number;
  firstFree = 0;
  readonly #taken = new Set<number>();

  constructor(isAbout: (trace: Trace) => boolean, shown: number) {
    this.isAbout = isAbout;
    this.shown = shown;
  }

  has(slot: number): boolean {
    return this.#taken.has(slot);
  }

  take(slot: number): void {
    this.#taken.add(slot);
    while (this.#taken.has(this.firstFree)) this.firstFree += 1;
  }
}
