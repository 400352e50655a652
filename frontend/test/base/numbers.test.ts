import { describe, expect, it } from "vitest";
import { formatNumber, formatRate, formatTicks, formatValue } from "../../src/base/numbers";

/** Python writes rates alike: `tests/test_numerals.py` has the same rows. */
describe("formatRate", () => {
  it.each([
    [0.000123, "1.23e-4"],
    [0.001, "0.001"],
    [0.00099949, "9.99e-4"],
    [0.00099951, "0.001"],
    [1e-4, "1e-4"],
    [9.995e-5, "1e-4"],
    [9.8712e-5, "9.87e-5"],
    [1e-8, "1e-8"],
    [1e-10, "1e-10"],
    [0.0999, "0.0999"],
    [0.09999, "0.1"],
    [1, "1"],
    [1.125, "1.13"],
    [10, "10"],
    [1234, "1230"],
    [99949, "99900"],
    [99950, "1e5"],
    [123456, "1.23e5"],
    [1e21, "1e21"],
    [0, "0"],
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
