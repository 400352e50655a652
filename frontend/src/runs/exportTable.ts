/** What leaves the tab: blocks of rows, each of one run, as one table or as one document, and what is said with them. */

import type { Cell } from "../base/csv";
import type { LegendEntry } from "../chart/export";

/** What can be saved of a view: what it shows, and the facts that made it so. */
export interface Exported {
  /** What files are named after. */
  readonly view: string;
  readonly title: string;
  readonly legend: readonly LegendEntry[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
}

/** What most lines have in a legend. */
export const LEGEND_LINE = { note: "", dash: "", width: 2 };

export interface Block {
  /** What tells its rows from those of other blocks. */
  readonly names: Readonly<Record<string, string>>;
  /** What is known of all its rows at once. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** All of one length. */
  readonly columns: Readonly<Record<string, Float64Array>>;
}

/** The interval to export; undefined for all there is. */
export type Range = readonly [number, number] | undefined;

/** The columns that are not null, with the rows that `isShown` lets through. */
export function shownRows(
  columns: Readonly<Record<string, Float64Array | null>>,
  isShown: (row: number) => boolean,
): Block["columns"] {
  const shown = Object.entries(columns).flatMap(([name, column]) =>
    column ? [[name, column.filter((_, row) => isShown(row))] as const] : [],
  );
  return Object.fromEntries(shown);
}

/** Whether a row stands in the range. */
export function isWithin(xs: Float64Array, range: Range): (row: number) => boolean {
  return (row) => !range || (xs[row]! >= range[0] && xs[row]! <= range[1]);
}

/** Whether a straight line from the row to a row beside it comes through the range. */
export function reaches(xs: Float64Array, range: Range): (row: number) => boolean {
  return (row) => !range || ((xs[row + 1] ?? xs[row]!) >= range[0] && (xs[row - 1] ?? xs[row]!) <= range[1]);
}

/** A line per row under a head; a cell stays empty where a block has no such column. */
export function tableOf(blocks: readonly Block[]): Cell[][] {
  const names = keysOf(blocks.map((block) => block.names));
  const columns = keysOf(blocks.map((block) => block.columns));
  const rows = blocks.flatMap((block) => {
    const first = names.map((name) => block.names[name] ?? "");
    const { length } = Object.values(block.columns)[0]!;
    return Array.from({ length }, (_, row) => [...first, ...columns.map((name) => block.columns[name]?.[row] ?? "")]);
  });
  return [[...names, ...columns], ...rows];
}

/** The blocks as JSON takes them, which knows no typed arrays. */
export function documentOf(blocks: readonly Block[]): object[] {
  return blocks.map(({ names, facts, columns }) => {
    const plain = Object.entries(columns).map(([name, column]) => [name, [...column]]);
    return { ...names, ...facts, columns: Object.fromEntries(plain) };
  });
}

function keysOf(records: readonly object[]): string[] {
  return [...new Set(records.flatMap(Object.keys))];
}
