import { describe, expect, it } from "vitest";
import { domainOf, legendOf, placed, type Relation, type RelationPoint } from "../../../src/chart/relation/relation";
import { frameOf, scalesOf } from "../../../src/chart/scales";

const point = (id: string, place: number, value: number): RelationPoint => ({
  id,
  label: id,
  color: "red",
  dash: "",
  place,
  at: String(place),
  value,
  band: [value / 10, value * 10],
  cells: [],
});

const relation = (points: readonly RelationPoint[], fields: Partial<Relation> = {}): Relation => ({
  points,
  lines: [],
  kinds: { x: "log", y: "log" },
  names: { x: "width", y: "suggested rate" },
  marks: new Map(points.map(({ place, at }) => [place, at])),
  isWord: false,
  head: [],
  ...fields,
});

const scalesFor = (drawn: Relation) => scalesOf(domainOf(drawn), frameOf(800, 500, 0), drawn.kinds);

describe("the domain", () => {
  it("holds all points and their bands with a margin on log axes", () => {
    const { x, y } = domainOf(relation([point("a", 16, 1e-3), point("b", 256, 1e-2)]));
    expect([x[0] < 16, x[1] > 256, y[0] < 1e-4, y[1] > 0.1]).toEqual([true, true, true, true]);
    expect(y[1]).toBeLessThan(1);
  });

  it("leaves bands that would press all points flat out on a linear axis", () => {
    const { y } = domainOf(
      relation([point("a", 16, 1e-3), point("b", 256, 1e-2)], { kinds: { x: "log", y: "linear" } }),
    );
    expect(y[1]).toBeLessThan(0.02);
  });

  it("has the same room for each word", () => {
    expect(
      domainOf(relation([point("a", 0, 1), point("b", 1, 2)], { isWord: true, kinds: { x: "linear", y: "log" } })).x,
    ).toEqual([-0.5, 1.5]);
  });

  it.each([[[]], [[point("a", 16, 1e-3)]], [[point("a", 0, 0)]]])(
    "is one that can be drawn for few points: %j",
    (points) => {
      for (const [lo, hi] of Object.values(domainOf(relation(points)))) expect(lo).toBeLessThan(hi);
    },
  );
});

describe("points of one place", () => {
  const points = [...Array(60).keys()].map((index) => point(`a${index}`, 16, 1e-3)).concat(point("b", 32, 1e-3));
  const drawn = relation(points);
  const scales = scalesFor(drawn);

  it("stand side by side around it, and never as far as the next one", () => {
    const lefts = placed(points, scales, null)
      .slice(0, 60)
      .map(({ left }) => left);
    expect(new Set(lefts.map((left) => left.toFixed(3))).size).toBe(60);
    expect(Math.max(...lefts)).toBeLessThan((scales.x(16) + scales.x(32)) / 2);
    expect((lefts[0]! + lefts.at(-1)!) / 2).toBeCloseTo(scales.x(16));
  });

  it("leave the chosen one exactly where it belongs", () => {
    const chosen = placed(points, scales, "a3").find(({ id }) => id === "a3")!;
    expect(chosen.left).toBeCloseTo(scales.x(16), 9);
  });
});

describe("the legend", () => {
  it("has an entry for each mark that is drawn, and for no other", () => {
    const [a] = [point("a", 16, 1e-3)];
    const labels = (drawn: Relation, hasRules = false) => legendOf(drawn, hasRules).map(({ label }) => label);
    expect(labels(relation([{ ...a!, band: null }]))).toEqual(["suggested rate of a run"]);
    const repeats = [{ place: 16, count: 2, median: 1, low: 0.5, high: 2 }];
    const line = { label: "median", color: "red", dash: "", repeats };
    expect(labels(relation([a!], { lines: [line] }), true)).toEqual([
      "suggested rate of a run",
      "usable band",
      "median",
      "range of repeats",
      "Linear rule",
      "Square-root rule",
    ]);
  });
});
