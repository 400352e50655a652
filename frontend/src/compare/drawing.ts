/** A relation as it is drawn, made from what the server says of the shown runs. */

import { compareValues } from "../base/collation";
import { listNames } from "../base/lists";
import { formatNumber, formatRate } from "../base/numbers";
import { LOOSE } from "../chart/palette";
import type { Relation as Drawing, RelationLine, RelationPoint } from "../chart/relation/relation";
import type { ScaleKind } from "../chart/scales";
import { settingName, settingText } from "../runs/differing";
import type { Run } from "../runs/run";
import type { Relation, RelationValue, Setting } from "../server/types";

export interface Asked {
  readonly by: string;
  /** Empty for none. */
  readonly group: string;
  readonly value: RelationValue;
}

export const VALUE_NAMES = { suggestion: "suggested rate", lowest: "lowest loss" };
const DIGITS = 3;
/** More numbers than this have the ticks of any axis. */
const MARKED_AT_MOST = 12;
/** The factor from which on numbers are spread over a log axis. */
const DECADE = 10;
const LONGEST_MARK = 24;

export function drawingOf(
  { kind, points, groups }: Relation,
  runs: readonly Run[],
  { by, group, value }: Asked,
  chosen: { readonly x: ScaleKind | ""; readonly y: ScaleKind | "" },
): Drawing {
  const isWord = kind === "word";
  const known = new Map(runs.map((run) => [run.trace.id, run]));
  const shown = points.filter(({ id }) => known.has(id));
  const xs = [...new Set(shown.map(({ x }) => x))].sort(compareValues);
  const placeOf = (x: Setting) => (isWord ? xs.indexOf(x) : Number(x));
  const numbers = isWord ? [] : xs.map(Number);
  const suits = numbers.every((x) => x > 0) && numbers.at(-1)! >= DECADE * numbers[0]!;
  const kinds = {
    x: isWord ? ("linear" as const) : chosen.x || (suits ? "log" : "linear"),
    y: chosen.y || (value === "suggestion" ? "log" : "linear"),
  };
  const isPlaced = (place: number, y: number) => (kinds.x === "linear" || place > 0) && (kinds.y === "linear" || y > 0);
  const format = value === "suggestion" ? formatRate : (loss: number) => formatNumber(loss, DIGITS);

  const drawn = shown
    .filter(({ x, y }) => isPlaced(placeOf(x), y))
    .map((point): RelationPoint & { group: string | null } => {
      const { id, x, y, lower, upper, confidence } = point;
      const { label, color, dash } = known.get(id)!;
      const band = lower === null || upper === null ? null : ([lower, upper] as const);
      const cells = [
        format(y),
        ...(value === "suggestion" ? [band ? band.map(formatRate).join(" to ") : "–", confidence ?? "–"] : []),
      ];
      return {
        id,
        label,
        color,
        dash,
        place: placeOf(x),
        at: settingText(x),
        value: y,
        band,
        cells,
        group: point.group,
      };
    });
  const lines = groups.map((one): RelationLine => {
    const first = drawn.find((point) => group !== "" && point.group === one.name);
    const repeats = one.values.map((repeat) => ({ ...repeat, place: placeOf(repeat.x) }));
    return {
      label: first ? `median, ${settingName(group)} ${known.get(first.id)!.group}` : "median",
      color: first?.color ?? LOOSE.color,
      dash: "",
      repeats: repeats.filter(({ place, low }) => isPlaced(place, low)),
    };
  });
  return {
    points: drawn.sort((a, b) => compareValues(a.group ?? "", b.group ?? "")),
    lines,
    kinds,
    names: { x: settingName(by), y: VALUE_NAMES[value] },
    marks: new Map(isWord || xs.length <= MARKED_AT_MOST ? xs.map((x) => [placeOf(x), short(settingText(x))]) : []),
    isWord,
    head: value === "suggestion" ? ["Rate", "Usable band", "Confidence"] : ["Loss"],
  };
}

function short(text: string): string {
  return text.length > LONGEST_MARK ? `${text.slice(0, LONGEST_MARK - 1)}…` : text;
}

/** A sentence for each reason why runs have no point. */
export function leftOutOf({ points, leftOut }: Relation, drawing: Drawing, runs: readonly Run[]): string[] {
  const reasons = new Map([
    ...points.map(({ id }) => [id, "A log axis has no place for values of 0 and below."] as const),
    ...leftOut.map(({ id, reason }) => [id, reason] as const),
  ]);
  const drawn = new Set(drawing.points.map(({ id }) => id));
  const others = runs.filter(({ trace }) => !drawn.has(trace.id));
  const alike = Map.groupBy(
    others,
    ({ trace }) => reasons.get(trace.id) ?? "One request has no room for more runs: select fewer.",
  );
  return [...alike].map(([reason, some]) => `${listNames(some.map(({ label }) => label))}: ${reason}`);
}
