/** What the chart of a relation draws: a point for each run along a setting, and lines through the medians of groups. */

import { type LegendEntry, LINE } from "../export";
import { type LineStyle, LOOSE } from "../palette";
import { type Domain, type Interval, type Kinds, placeOf, type Scales, union, valueAtPlace } from "../scales";

export interface RelationPoint extends LineStyle {
  readonly id: string;
  readonly label: string;
  /** Its place along the setting: the number, or the rank of the word. */
  readonly place: number;
  /** That place as a text. */
  readonly at: string;
  readonly value: number;
  /** The usable band, where there is one. */
  readonly band: Interval | null;
  /** The cells of the readout; the first one is the value. */
  readonly cells: readonly string[];
}

/** The runs of a group that have a value of the setting in common. */
export interface Repeats {
  readonly place: number;
  readonly count: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface RelationLine extends LineStyle {
  readonly label: string;
  readonly repeats: readonly Repeats[];
}

export interface Relation {
  readonly points: readonly RelationPoint[];
  readonly lines: readonly RelationLine[];
  readonly kinds: Kinds;
  /** The names of setting and value. */
  readonly names: { readonly x: string; readonly y: string };
  /** The texts of the places that have some of their own: of words, and of few numbers. */
  readonly marks: ReadonlyMap<number, string>;
  readonly isWord: boolean;
  /** The titles of the cells of the readout. */
  readonly head: readonly string[];
}

/** The rules by which a rate follows from another one: their names, the power of the setting, and their dashes. */
export const RULES = [
  { label: "Linear rule", power: 1, dash: "9 6" },
  { label: "Square-root rule", power: 0.5, dash: "2 5" },
];

/** The share of the values that is added on both sides: runs of one place stand beside it, too. */
const MARGIN = 0.1;
/** Words need no margin beyond half their room. */
const HALF = 0.5;

export function domainOf({ points, lines, kinds, isWord, marks }: Relation): Domain {
  const repeats = lines.flatMap((line) => line.repeats);
  const values = [...points.map(({ value }) => value), ...repeats.flatMap(({ low, high }) => [low, high])];
  // Bands reach far: on a linear axis all else would be pressed flat.
  const bands = kinds.y === "log" ? points.flatMap(({ band }) => band ?? []) : [];
  const around = (numbers: readonly number[], kind: Kinds["x"]): Interval => {
    const places = numbers.map((number) => placeOf(number, kind)).filter(Number.isFinite);
    const [lo, hi] = union(places.map((place) => [place, place])) ?? [0, 1];
    const margin = MARGIN * (hi - lo) || Math.abs(hi) * MARGIN || MARGIN;
    return [valueAtPlace(lo - margin, kind), valueAtPlace(hi + margin, kind)];
  };
  const places = points.map(({ place }) => place);
  return {
    x: isWord ? [-HALF, marks.size - HALF] : around(places, kinds.x),
    y: around([...values, ...bands], kinds.y),
  };
}

/** A point with its coordinates. */
export interface Placed extends RelationPoint {
  readonly left: number;
  readonly top: number;
}

/** The most pixels between runs of one place, and the share of the way to the next place that they take. */
const PITCH = 11;
const TAKEN = 0.7;

/** The points of one place side by side, in their order; the chosen one stands exactly where it belongs. */
export function placed(points: readonly RelationPoint[], { x, y }: Scales, chosen: string | null): Placed[] {
  const columns = [...Map.groupBy(points, ({ place }) => place)].sort(([a], [b]) => a - b);
  const gaps = columns.slice(1).map(([place], index) => x(place) - x(columns[index]![0]));
  const room = TAKEN * Math.min(x.range[1] - x.range[0], ...gaps);
  return columns.flatMap(([place, members]) => {
    const pitch = Math.min(PITCH, room / members.length);
    return members.map((point, index) => {
      const offset = point.id === chosen ? 0 : (index - (members.length - 1) / 2) * pitch;
      return { ...point, left: x(place) + offset, top: y(point.value) };
    });
  });
}

const entry = (label: string, style: Partial<LegendEntry>) => ({ ...LOOSE, label, note: "", width: 1.5, ...style });

/** What each mark stands for, of those that are drawn. */
export function legendOf({ points, lines, names }: Relation, hasRules: boolean): LegendEntry[] {
  const hasRepeats = lines.some(({ repeats }) => repeats.some(({ count }) => count > 1));
  return [
    entry(`${names.y} of a run`, { width: 8, shape: "M11,4h0" }),
    ...(points.some(({ band }) => band) ? [entry("usable band", { width: 5, opacity: 0.35, shape: "M11,0V8" })] : []),
    ...lines.map((line) => entry(line.label, { ...line, width: 2, shape: LINE })),
    ...(hasRepeats ? [entry("range of repeats", { shape: WHISKER })] : []),
    ...(hasRules ? RULES.map(({ label, dash }) => entry(label, { dash })) : []),
  ];
}

const WHISKER = "M11,0V8M8,0H14M8,8H14";
