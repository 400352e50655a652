import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatNumber, formatRate, formatTicks, formatValue } from "../../src/base/numbers";

/** Rates as Python writes them: `numerals.rate`. */
const RATES = readFileSync(new URL("../../fixtures/rates.json", import.meta.url), "utf8");

describe("formatRate", () => {
  it.each(JSON.parse(RATES) as [number, string][])("writes %d as Python does: %s", (rate, text) =>
    expect(formatRate(rate)).toBe(text),
  );

  it.each([
    [-0, "0"],
    [-2.5e-7, "-2.5e-7"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "∞"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("writes %d as %s", (rate, text) => expect(formatRate(rate)).toBe(text));
});

describe("formatValue", () => {
  it.each([
    [2.30461, "2.305"],
    [0.25, "0.2500"],
    [1.5e-9, "1.500e-9"],
    [123456, "1.235e5"],
    [0, "0.000"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "∞"],
  ])("writes %d as %s", (value, text) => expect(formatValue(value)).toBe(text));
});

describe("formatTicks", () => {
  it("gives evenly spaced ticks one number of decimals, and zero none", () => {
    expect(formatTicks([0, 0.5, 1])).toEqual(["0", "0.5", "1.0"]);
    expect(formatTicks([0.95, 0.955, 0.96])).toEqual(["0.950", "0.955", "0.960"]);
    expect(formatTicks([-0.002, -0, 0.002])).toEqual(["-0.002", "0", "0.002"]);
    expect(formatTicks([-10, 0, 10])).toEqual(["-10", "0", "10"]);
  });

  it("writes tiny and huge ticks as powers and never two of them alike", () => {
    expect(formatTicks([0, 2e-7, 4e-7])).toEqual(["0", "2e-7", "4e-7"]);
    const close = formatTicks([1_000_000, 1_000_010, 1_000_020]);
    expect(new Set(close).size).toBe(3);
  });

  it("never prints a rate as zero", () => {
    expect(formatNumber(1e-8, 6)).toBe("1e-8");
  });
});
