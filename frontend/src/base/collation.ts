/** The order of names as people read them: level by level of a path, and numbers by their size. */

const LETTERS = new Intl.Collator();
/** Numbers with an exponent, decimals below one, and whole numbers: the points of "1.10" may be those of a version. */
const NUMBERS = /(\d+(?:\.\d+)?e[+-]?\d+|0\.\d+|\d+)/i;

/** The levels of a path, each as texts and numbers in turn. */
type Levels = readonly (readonly (string | number)[])[];

/** Orders names as people do: run-2 before run-10, and wd-0.05 before wd-0.1. */
export function compareNames(a: string, b: string): number {
  return compareLevels(levelsOf(a), levelsOf(b)) || compareLetters(a, b);
}

/** Orders numbers by their size, and all else by name. */
export function compareValues(a: Value, b: Value): number {
  return typeof a === "number" && typeof b === "number" ? a - b : compareNames(String(a), String(b));
}

type Value = number | string | boolean;

/** The items in the order of their names. */
export function sortedByName<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, name: nameOf(item), levels: levelsOf(nameOf(item)) }))
    .sort((a, b) => compareLevels(a.levels, b.levels) || compareLetters(a.name, b.name))
    .map(({ item }) => item);
}

function levelsOf(name: string): Levels {
  return name.split("/").map((level) => level.split(NUMBERS).map((part, index) => (index % 2 ? Number(part) : part)));
}

const compareLevels = inTurn<Levels[number]>(
  inTurn((a, b) =>
    typeof a === "number" && typeof b === "number" ? Number(a > b) - Number(a < b) : compareLetters(`${a}`, `${b}`),
  ),
);

function compareLetters(a: string, b: string): number {
  return LETTERS.compare(a, b);
}

/** Orders lists by their first items that differ; a list that begins another one comes before it. */
function inTurn<T>(compare: (a: T, b: T) => number) {
  return (a: readonly T[], b: readonly T[]): number => {
    const shared = Math.min(a.length, b.length);
    for (let index = 0; index < shared; index++) {
      const order = compare(a[index]!, b[index]!);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  };
}
