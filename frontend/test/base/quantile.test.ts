import { describe, expect, it } from "vitest";
import { quantile } from "../../src/base/quantile";

describe("quantile", () => {
  const values = Float64Array.of(30, 10, 40, 20);

  it.each([
    [0, 10],
    [0.5, 25],
    [0.9, 37],
    [1, 40],
  ])("gives the value at a share of %d", (share, value) => {
    expect(quantile(values, share)).toBeCloseTo(value, 12);
  });

  it("leaves the values in their order", () => {
    quantile(values, 0.5);
    expect([...values]).toEqual([30, 10, 40, 20]);
  });

  it("is the only value where there is one", () => {
    expect(quantile(Float64Array.of(7), 0.98)).toBe(7);
  });
});
