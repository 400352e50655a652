import { describe, expect, it } from "vitest";
import { scalesOf } from "../../src/chart/scales";
import { readSweeps } from "../../src/chart/sweep/readout";
import type { Series } from "../../src/chart/sweep/series";
import { meansOf } from "../../src/finder/means";
import { series } from "../support/builders";

const group = (...runs: Series[]) => [
  { key: "group", id: null, name: "adam", note: "", color: "red", dash: "", series: runs },
];

/** A loss that falls by `slope` per decade, from `from` to `to` (powers of ten). */
function line(id: string, slope: number, from: number, to: number, fields: Partial<Series> = {}) {
  const powers = Array.from({ length: 11 }, (_, row) => from + ((to - from) * row) / 10);
  const values = powers.map((power) => -slope * power);
  return series(
    powers.map((power) => 10 ** power),
    values,
    { id, ...fields },
  );
}

describe("the mean of a group", () => {
  it("is the mean of lines that are straight on a log axis, between the lowest and the highest of them", () => {
    const [mean] = meansOf(group(line("a", 1, -5, 0), line("b", 3, -5, 0)));
    const { learningRate, values } = mean!;
    expect([learningRate[0], learningRate.at(-1)]).toEqual([1e-5, 1]);
    const { runs, lower, upper } = mean!.group!;
    expect(runs).toEqual(["a", "b"]);
    learningRate.forEach((rate, row) => {
      const power = -Math.log10(rate);
      expect(values[row]).toBeCloseTo(2 * power, 9);
      expect(lower[row]).toBeCloseTo(power, 9);
      expect(upper[row]).toBeCloseTo(3 * power, 9);
    });
  });

  it("is only where two runs have values, and all along a run that is alone", () => {
    const drawn = (...runs: Series[]) => {
      const [mean] = meansOf(group(...runs));
      const rates = mean!.learningRate.filter((_, row) => Number.isFinite(mean!.values[row]));
      return [rates[0], rates.at(-1)].map((rate) => Math.log10(rate!));
    };
    const [from, to] = drawn(line("a", 1, -6, -2), line("b", 3, -4, 0));
    expect(from).toBeCloseTo(-4, 1);
    expect(to).toBeCloseTo(-2, 1);
    expect(drawn(line("a", 1, -6, -2))).toEqual([-6, -2]);
  });

  it("leaves out values that diverged", () => {
    const diverged = line("c", 1, -5, 0, { smoothed: new Float64Array(11).fill(Number.POSITIVE_INFINITY) });
    const [mean] = meansOf(group(line("a", 1, -5, 0), line("b", 3, -5, 0), diverged));
    expect(mean!.values[0]).toBeCloseTo(10, 9);
    expect(mean!.group!.upper[0]).toBeCloseTo(15, 9);
  });

  it("is one for each column, since a loss and an accuracy have no mean", () => {
    const means = meansOf(group(line("a", 1, -5, 0), line("b", 3, -5, 0, { column: "accuracy" })));
    expect(means.map(({ column, group }) => [column, group!.runs])).toEqual([
      ["loss", ["a"]],
      ["accuracy", ["b"]],
    ]);
    expect(new Set(means.map(({ id }) => id)).size).toBe(2);
  });

  it("is read with its range, apart from runs", () => {
    const means = meansOf(group(line("a", 1, -4, -2), line("b", 3, -4, -2)));
    const scales = scalesOf(
      { x: [1e-4, 1e-2], y: [0, 10] },
      { left: 0, right: 200, top: 0, bottom: 100 },
      { x: "log", y: "linear" },
    );
    const { sections } = readSweeps([line("a", 1, -4, -2), ...means], scales, [0, 50], "listed");
    expect(sections.map(({ head }) => head)).toEqual([
      ["LR", "loss", "Smoothed", "Step"],
      ["LR", "Lowest", "Highest", "Mean"],
    ]);
    expect(sections[1]!.readings[0]!.cells.slice(1)).toEqual(["4.000", "12.00", "8.000"]);
  });
});
