import { describe, expect, it } from "vitest";
import type { Domain, Kinds } from "../../../src/chart/scales";
import { defaultDomain } from "../../../src/chart/sweep/domain";
import type { Series } from "../../../src/chart/sweep/series";
import { type SweepStyle, USUAL_STYLE } from "../../../src/chart/sweep/style";
import { series } from "../../support/builders";

/** A sweep from 1e-7 to 10 whose loss falls from 2 to 0.5 at 1e-3 and explodes beyond 0.1. */
function valley(fields: Partial<Series> = {}): Series {
  const exponents = Array.from({ length: 161 }, (_, index) => -7 + index / 20);
  const losses = exponents.map((t) => 0.5 + 1.5 / (1 + Math.exp(4 * (t + 3))) + Math.exp(6 * (t + 0.5)));
  return series(
    exponents.map((t) => 10 ** t),
    losses,
    fields,
  );
}

describe("the default domain", () => {
  it("spans the sweep and the valley, and lets the diverged tail leave", () => {
    const { x, y } = defaultDomain([valley()]);
    expect(x[0]).toBeCloseTo(1e-7, 12);
    expect(x[1]).toBeCloseTo(10, 6);
    expect(y[0]).toBeGreaterThan(0.2);
    expect(y[0]).toBeLessThan(0.56);
    expect(y[1]).toBeGreaterThan(2);
    expect(y[1]).toBeLessThan(3);
  });

  it("spans the peak where higher is better, as the mirror image of a valley", () => {
    const { learningRate, values } = valley();
    const turned = series(
      [...learningRate],
      [...values].map((value) => -value),
      { column: "accuracy", mode: "max" },
    );
    const inside = (value: number, { y: [lo, hi] }: Domain) => lo <= value && value <= hi;
    for (const value of [0.56, 1, 1.99]) expect(inside(-value, defaultDomain([turned]))).toBe(true);
    for (const value of [0.2, 3, 100]) expect(inside(-value, defaultDomain([turned]))).toBe(false);
  });

  it("shows the upper half of an accuracy that falls from the start", () => {
    const { y } = defaultDomain([series([1e-3, 1e-2, 1e-1], [0.9, 0.8, -40], { mode: "max" })]);
    expect(y[0]).toBeGreaterThan(0);
    expect(y[1]).toBeGreaterThan(0.9);
  });

  it("covers the planned sweep while the test runs", () => {
    expect(defaultDomain([series([1e-6, 1e-5], [2, 1], { planned: [1e-6, 1] })]).x).toEqual([1e-6, 1]);
  });

  const trialsOf = (...values: (number | null)[]) => values.map((value) => ({ learningRate: 1e-3, steps: 100, value }));
  const trained = (...losses: (number | null)[]) => valley({ trials: trialsOf(...losses) });

  it("reaches down to the trials, which get lower than the sweep", () => {
    const { x, y } = defaultDomain([valley()]);
    const reached = defaultDomain([trained(0.1, 0.2), valley()]);
    expect(reached.x).toEqual(x);
    expect(reached.y[0]).toBeLessThan(0.1);
    expect(reached.y[0]).toBeGreaterThan(-0.2);
    expect(reached.y[1]).toBeCloseTo(y[1], 0);
  });

  it("reaches up to them where the high values are the better ones", () => {
    const { learningRate, values } = valley();
    const hill = (...trials: number[]) =>
      series(
        [...learningRate],
        [...values].map((value) => -value),
        { mode: "max", trials: trialsOf(...trials) },
      );
    const [lo, hi] = defaultDomain([hill()]).y;
    expect(hi).toBeLessThan(-0.1);
    const reached = defaultDomain([hill(-0.1, -1e3, 1e9)]).y;
    expect(reached[1]).toBeGreaterThan(-0.1);
    expect(reached[1]).toBeLessThan(0.2);
    expect(reached[0]).toBeCloseTo(lo, 0);
  });

  it.each([
    ["diverged", null],
    ["got no lower than the curve", 1],
    ["diverged almost", 1e9],
    ["would press the curve flat", -1e3],
  ])("is the same where a trial %s", (_, loss) => {
    expect(defaultDomain([trained(loss)])).toEqual(defaultDomain([valley()]));
  });

  it("covers all runs", () => {
    const { y } = defaultDomain([valley(), series([1e-3, 1e-2, 1e-1], [9, 9, 9])]);
    expect(y[0]).toBeLessThan(0.56);
    expect(y[1]).toBeGreaterThan(9);
  });

  it.each([
    ["one row", [1e-3], [2]],
    ["a constant loss", [1e-3, 1e-2], [2, 2]],
    ["a loss of zero", [1e-3, 1e-2], [0, 0]],
    ["no finite loss", [1e-3, 1e-2], [Number.NaN, Number.NaN]],
    ["rising from the start", [1e-3, 1e-2, 1e-1], [1, 2, 400]],
    ["a rate of zero", [0, 1e-2, 1e-1], [3, 2, 1]],
  ])("is finite and not empty for %s", (_, rates, losses) => {
    const { x, y } = defaultDomain([series(rates, losses)]);
    expect([...x, ...y].every(Number.isFinite)).toBe(true);
    expect(x[0]).toBeGreaterThan(0);
    expect(x[1]).toBeGreaterThan(x[0]);
    expect(y[1]).toBeGreaterThan(y[0]);
  });

  it("exists without any run", () => {
    expect(defaultDomain([]).x[0]).toBeGreaterThan(0);
  });

  const sweepStyle = (fields: Partial<SweepStyle> & Partial<Kinds>): SweepStyle => {
    const { x = "log", y = "linear", ...rest } = fields;
    return { ...USUAL_STYLE, ...rest, kinds: { x, y } };
  };

  it("spans every finite value with the tail", () => {
    const { y } = defaultDomain(
      [valley(), series([1e-3, 1e-2], [-7, Number.NaN])],
      sweepStyle({ isTailIgnored: false }),
    );
    expect(y[0]).toBeLessThan(-7);
    expect(y[1]).toBeGreaterThan(8000);
    const huge = series([1, 2, 3], [-1e308, 0, 1.7e308]);
    expect(defaultDomain([huge], sweepStyle({ isTailIgnored: false })).y.every(Number.isFinite)).toBe(true);
    const decades = series([1, 2, 3], [1e-308, 1, 1.7e308]);
    const [lo, hi] = defaultDomain([decades], sweepStyle({ isTailIgnored: false, y: "log" })).y;
    expect(lo).toBeGreaterThan(0);
    expect(hi).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it("has room in decades on a log axis, and none for values at or below zero", () => {
    const losses = series([1e-4, 1e-3, 1e-2, 1e-1, 1, 10], [1e4, 1e3, 10, 0, -5, 1e-4]);
    const [lo, hi] = defaultDomain([losses], sweepStyle({ y: "log", isTailIgnored: false })).y;
    expect(Math.log10(lo)).toBeCloseTo(-4 - 0.06 * 8, 6);
    expect(Math.log10(hi)).toBeCloseTo(4 + 0.12 * 8, 6);
    expect(defaultDomain([series([1, 2], [0, -1])], sweepStyle({ y: "log" })).y[0]).toBeGreaterThan(0);
  });

  it("shows the valleys of all runs, on a log axis too", () => {
    const low = series([...valley().learningRate], [...valley().values.map((value) => value / 1000)]);
    for (const y of ["log", "linear"] as const) {
      const domain = defaultDomain([valley(), low], sweepStyle({ y })).y;
      expect(domain[0]).toBeLessThan(0.0006);
      expect(domain[1]).toBeGreaterThan(2);
      expect(domain[1]).toBeLessThan(6);
    }
  });

  it("starts at a rate of zero on a linear axis, and ends there with the last value in view", () => {
    const { x } = defaultDomain([series([0, 0.1, 0.2, 0.3, 9], [2, 1, 0.5, 1, 1e9])], sweepStyle({ x: "linear" }));
    expect(x).toEqual([0, 0.3]);
    expect(defaultDomain([valley()], sweepStyle({ x: "linear", isTailIgnored: false })).x[1]).toBeCloseTo(10, 6);
  });

  it("is made for all rows where only those of a zoom are here", () => {
    const { learningRate, values } = valley();
    expect(defaultDomain([series([1e-3], [0.5], { overview: { learningRate, values } })])).toEqual(
      defaultDomain([valley()]),
    );
  });

  it("shows of a slope how fast the loss fell, zero and that it rises, but not how fast", () => {
    const rates = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10];
    const slope = series(rates, [0, -1, -2, -0.5, 3, 400], { quantity: "slope" });
    const [lo, hi] = defaultDomain([slope]).y;
    expect(lo).toBeLessThan(-2);
    expect(lo).toBeGreaterThan(-2.5);
    expect(hi).toBeGreaterThan(0.9);
    expect(hi).toBeLessThan(2);
    const turned = series(rates, [0, 1, 2, 0.5, -3, -400], { quantity: "slope", mode: "max" });
    expect(defaultDomain([turned]).y[0]).toBeLessThan(-0.9);
    expect(defaultDomain([turned]).y[0]).toBeGreaterThan(-2);
    const rising = series(rates, [1, 2, 3, 4, 5, 6], { quantity: "slope" });
    expect(defaultDomain([rising]).y[1]).toBeGreaterThan(6);
  });
});
