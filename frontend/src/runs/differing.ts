/** Settings of traces, as `http_api.md` has them: which of them differ, and how their names and values read. */

import { formatCount, formatNumber } from "../base/numbers";
import type { Setting, Trace } from "../server/types";

const DIGITS = 6;
/** The settings that are found by themselves: people know them by their words. Others are called as people called them. */
const FOUND = /^(optimizer|batch_size|model|parameters|precision|weight_decay|momentum)$/;

/** Settings that stand in the row of each run, and those that follow from others. */
const SHOWN = /^(optimizer|batch_size|model|parameters)$/;
const TOLD_AT_MOST = 3;

/** The name of a setting within a sentence. */
export function settingName(name: string): string {
  return FOUND.test(name) ? name.replace("_", " ") : name;
}

/** The name of a setting at the start of a label. */
export function settingTitle(name: string): string {
  return FOUND.test(name) ? name[0]!.toUpperCase() + settingName(name).slice(1) : name;
}

export function settingText(value: Setting): string {
  if (typeof value !== "number") return String(value);
  return Number.isSafeInteger(value) ? formatCount(value) : formatNumber(value, DIGITS);
}

/** The value of a setting; null where the trace has none. */
export function settingOf({ settings }: Trace, name: string): Setting | null {
  return Object.hasOwn(settings, name) ? settings[name]! : null;
}

/** The settings by which runs are told apart beside those that every run shows. */
export function telling(traces: readonly Trace[]): string[] {
  return differing(traces)
    .filter((name) => !SHOWN.test(name))
    .slice(0, TOLD_AT_MOST);
}

/** The name and the value of a setting; null where the trace has none. */
export function factOf(trace: Trace, name: string): string | null {
  const value = settingOf(trace, name);
  return value === null ? null : `${settingName(name)} ${settingText(value)}`;
}

/** The names of the settings that have several values, in the order of the traces: people's own come first there. */
export function differing(traces: readonly Trace[]): string[] {
  const values = new Map<string, Set<Setting>>();
  for (const [name, value] of traces.flatMap(({ settings }) => Object.entries(settings))) {
    values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return [...values].filter(([, { size }]) => size > 1).map(([name]) => name);
}
