/** How runs are told apart: a colour, and where colours run out a dash pattern beside it. */

import type { Trace } from "../server/types";

/** The palette itself belongs to the theme. */
const COLORS = 7;
/** As SVG writes them, for lines with round ends: solid, dashed, dotted, dash-dot, dash-dot-dot. */
const DASHES = ["", "7 6", "0.1 6", "9 5 0.1 5", "6 4 0.1 4 0.1 4"];

export interface Look {
  /** Any CSS colour, a variable included. */
  readonly color: string;
  /** An SVG `stroke-dasharray`; empty for a solid line. */
  readonly dash: string;
}

/** Of what is not drawn. */
export const PLAIN: Look = { color: "var(--border-strong)", dash: "" };
/** The dashes of what is planned, in the chart of schedules. */
export const PLANNED = "7 5";
/** Of a scalar beside another one of the same colour. */
export const DOTTED = "0.1 4";
/** Of what belongs to nothing. */
export const UNRELATED = "var(--run-unrelated)";

export function colorAt(index: number): string {
  return `var(--run-${index % COLORS})`;
}

export function dashAt(index: number): string {
  return DASHES[index % DASHES.length]!;
}

/** Every colour with a solid line, then every colour with the next pattern. */
export function lookAt(place: number): Look {
  return { color: colorAt(place), dash: dashAt(roundOf(place)) };
}

/** How often the colours were gone through before. */
export function roundOf(index: number): number {
  return Math.floor(index / COLORS);
}

/** Which place in the palette each run has. No two runs that a view shows have the same one. */
export class Places {
  readonly #views: readonly ((trace: Trace) => boolean)[];
  readonly #places = new Map<string, number>();

  constructor(views: readonly ((trace: Trace) => boolean)[]) {
    this.#views = views;
  }

  of(id: string): number | undefined {
    return this.#places.get(id);
  }

  put(id: string, place: number): void {
    this.#places.set(id, place);
  }

  /** Runs that are chosen beside others get the place they had, or else the first one that is free. */
  seat(added: readonly Trace[], seated: readonly Trace[]): void {
    const views = this.#views.map((isAbout) => ({
      isAbout,
      taken: new Set(seated.filter(isAbout).map(this.#placeOf)),
    }));
    for (const trace of added) {
      const taken = views.filter(({ isAbout }) => isAbout(trace)).map((view) => view.taken);
      const isTaken = (place: number) => taken.some((places) => places.has(place));
      let place = this.#placeOf(trace) ?? 0;
      if (isTaken(place)) for (place = 0; isTaken(place); ) place += 1;
      this.#places.set(trace.id, place);
      for (const places of taken) places.add(place);
    }
  }

  readonly #placeOf = ({ id }: Trace) => this.#places.get(id);
}
