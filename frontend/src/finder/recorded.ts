/** The recorded methods and columns of several runs, and the values that an axis has no place for. */

import { common } from "../base/lists";
import { memoize } from "../base/memoize";
import type { ScaleKind } from "../chart/scales";
import type { Curve, Method, Trace, Unreadable } from "../server/types";

/** The columns that can be drawn for at least one of the traces. */
export function columnsOf(traces: readonly Trace[]): string[] {
  return [...new Set(traces.flatMap(({ values }) => values))];
}

/** The column that all traces with values monitor; null where they monitor different ones. */
export function monitoredBy(traces: readonly Trace[]): string | null {
  return common(traces.filter(({ values }) => values.length > 0).map(({ monitor }) => monitor)) ?? null;
}

/** The methods that the tests recorded, each once; the first one stands in for a test that recorded none. */
export function methodsOf(traces: readonly Trace[], methods: readonly Method[]): Method[] {
  const names = new Set(traces.map(({ method }) => method ?? methods[0]?.name));
  return methods.filter(({ name }) => names.has(name));
}

/** A sentence about the values that cannot be drawn on an axis of this kind; empty where all can. */
export function withoutPlace(curves: readonly (Curve | Unreadable | undefined)[], kind: ScaleKind): string[] {
  if (kind === "linear") return [];
  const readable = curves.filter((curve): curve is Curve => curve !== undefined && !("error" in curve));
  const count = readable.reduce((sum, { values }) => sum + countNotPositive(values), 0);
  if (count === 0) return [];
  const atLeast = readable.every(({ isWhole }) => isWhole) ? "" : "At least ";
  const values = count === 1 ? "1 value at or below zero has" : `${count} values at or below zero have`;
  return [`${atLeast}${values} no place on a log axis.`];
}

const countNotPositive = memoize((values: Float64Array) => values.filter((value) => value <= 0).length);
