import { describe, expect, it } from "vitest";
import { smooth } from "../src/lib/smoothing";

const column = (...values: number[]) => Float64Array.from(values);

describe("smoothing", () => {
  it("follows the debiased average in closed form", () => {
    const w = 0.6;
    const [first, second, third] = smooth(column(1, 2, 4), w);
    expect(first).toBeCloseTo(1, 14);
    expect(second).toBeCloseTo((w * 1 + 2) / (w + 1), 14);
    expect(third).toBeCloseTo((w * w * 1 + w * 2 + 4) / (w * w + w + 1), 14);
  });

  it("leaves a constant exactly as it is", () => {
    expect(smooth(column(0.1, 0.1, 0.1), 0.99)).toEqual(column(0.1, 0.1, 0.1));
  });

  it("returns the raw values at weight 0", () => {
    expect(smooth(column(3, -1, 7), 0)).toEqual(column(3, -1, 7));
  });

  it("passes values that are not finite through and forgets nothing because of them", () => {
    const smoothed = smooth(column(1, Number.NaN, Number.POSITIVE_INFINITY, 3), 0.5);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[2]).toBe(Number.POSITIVE_INFINITY);
    expect(smoothed[3]).toBe(smooth(column(1, 3), 0.5)[1]);
  });

  it("does not write into what it is given", () => {
    const values = column(1, 2, 3);
    smooth(values, 0.9);
    expect(values).toEqual(column(1, 2, 3));
  });
});
