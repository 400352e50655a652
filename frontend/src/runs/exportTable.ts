/** The export of a view: blocks of rows, one for each line, as a table or a document. */

import type { Cell } from "../base/csv";
import type { LegendEntry } from "../chart/export";
import type { Trace } from "../server/types";
import { settingOf } from "./differing";

/** The content of a view, and the facts that led to it. */
export interface Exported {
  /** The beginning of the file name. */
  readonly view: string;
  readonly title: string;
  readonly legend: readonly LegendEntry[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
}

/** The defaults of a line in a legend. */
export const LEGEND_LINE = { note: "", dash: "", width: 2 };

export interface Block {
  /** The names that tell its rows from those of other blocks, and what else each row repeats: columns of the table. */
  readonly names: Readonly<Record<string, Cell | null>>;
  /** The facts that all its rows share: in the document only. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The columns, all of one length. */
  readonly columns: Readonly<Record<string, Column>>;
}

/** A column of a block: numbers, or cells that may be empty. */
export type Column = Float64Array | readonly (Cell | null)[];

/** The interval to export; undefined for all there is. */
export type Range = readonly [number, number] | undefined;

/** The columns that say which trace a row is of: its run, its session, and these settings. */
export function namesOf(trace: Trace, settings: readonly string[]): Block["names"] {
  const own = { run: trace.run, session: trace.session };
  const others = settings.filter((name) => !Object.hasOwn(own, name));
  const values = others.map((name) => {
    const value = settingOf(trace, name);
    return [name, typeof value === "boolean" ? String(value) : value] as const;
  });
  return { ...own, ...Object.fromEntries(values) };
}

/** The columns that are not null, with the rows that `isShown` lets through. */
export function shownRows(
  columns: Readonly<Record<string, Column | null>>,
  isShown: (row: number) => boolean,
): Block["columns"] {
  const shown = Object.entries(columns).flatMap(([name, column]) =>
    column ? [[name, (column as readonly (Cell | null)[]).filter((_, row) => isShown(row))] as const] : [],
  );
  return Object.fromEntries(shown);
}

/** The test whether a row lies in the range. */
export function isWithin(xs: Float64Array, range: Range): (row: number) => boolean {
  return (row) => !range || (xs[row]! >= range[0] && xs[row]! <= range[1]);
}

/** The test whether the straight line from a row to the one before or after it crosses the range. */
export function reaches(xs: Float64Array, range: Range): (row: number) => boolean {
  return (row) => !range || ((xs[row + 1] ?? xs[row]!) >= range[0] && (xs[row - 1] ?? xs[row]!) <= range[1]);
}

/** The blocks as one table: a head, then a line per row. A cell is empty where its block lacks the column. */
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

/** The blocks as plain objects for JSON, which has no typed arrays. */
export function documentOf(blocks: readonly Block[]): object[] {
  return blocks.map(({ names, facts, columns }) => {
    const plain = Object.entries(columns).map(([name, column]) => [name, [...column]]);
    return { ...names, ...facts, columns: Object.fromEntries(plain) };
  });
}

function keysOf(records: readonly object[]): string[] {
  return [...new Set(records.flatMap(Object.keys))];
}
