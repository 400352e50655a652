/** Line styles that tell runs apart: a colour, and a dash pattern where the colours run out. */

import type { Trace } from "../server/types";

/** The number of colours in the theme. */
const COLORS = 7;
/** Dash patterns of lines with round ends: solid, dashed, dotted, dash-dot, dash-dot-dot. */
const DASHES = ["", "7 6", "0.1 6", "9 5 0.1 5", "6 4 0.1 4 0.1 4"];

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
/** The dashes of a plan in the chart of schedules. */
export const PLANNED = "7 5";
/** The dashes of a scalar beside another one of the same colour. */
export const DOTTED = "0.1 4";
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

  /** Gives the added runs the slot that they had, or else the first one that is free beside the others. */
  assign(added: readonly Trace[], others: readonly Trace[]): void {
    const views = this.#views.map((isAbout) => ({
      isAbout,
      taken: new Set(others.filter(isAbout).map(this.#slotOf)),
    }));
    for (const trace of added) {
      const taken = views.filter(({ isAbout }) => isAbout(trace)).map((view) => view.taken);
      const isTaken = (slot: number) => taken.some((slots) => slots.has(slot));
      let slot = this.#slotOf(trace) ?? 0;
      if (isTaken(slot)) for (slot = 0; isTaken(slot); ) slot += 1;
      this.#slots.set(trace.id, slot);
      for (const slots of taken) slots.add(slot);
    }
  }

  readonly #slotOf = ({ id }: Trace) => this.#slots.get(id);
}
