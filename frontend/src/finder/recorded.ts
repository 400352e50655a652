/** What was recorded: the method, which values can be drawn, and which of them an axis has no place for. */

import { common } from "../base/lists";
import { memoize } from "../base/memoize";
import type { ScaleKind } from "../chart/scales";
import type { Curve, Method, Trace, Unreadable } from "../server/types";

/** The columns that can be drawn of at least one of the traces. */
export function columnsOf(traces: readonly Trace[]): string[] {
  return [...new Set(traces.flatMap(({ values }) => values))];
}

/** What the traces monitor, where that is one column for all of them. */
export function monitoredBy(traces: readonly Trace[]): string | null {
  return common(traces.map(({ monitor }) => monitor)) ?? null;
}

/** The methods that the tests recorded, each once; those that recorded none are read by the first one. */
export function methodsOf(traces: readonly Trace[], methods: readonly Method[]): Method[] {
  const names = new Set(traces.map(({ method }) => method ?? methods[0]?.name));
  return methods.filter(({ name }) => names.has(name));
}

/** A sentence about the values that cannot be drawn on an axis of this kind; none where all can. */
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
