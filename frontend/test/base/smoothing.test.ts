import { describe, expect, it } from "vitest";
import { smooth } from "../../src/base/smoothing";
import { of } from "../support/builders";

describe("smoothing", () => {
  it("follows the debiased average in closed form", () => {
    const w = 0.6;
    const [first, second, third] = smooth(of(1, 2, 4), w);
    expect(first).toBeCloseTo(1, 14);
    expect(second).toBeCloseTo((w * 1 + 2) / (w + 1), 14);
    expect(third).toBeCloseTo((w * w * 1 + w * 2 + 4) / (w * w + w + 1), 14);
  });

  it("leaves a constant exactly as it is", () => {
    expect(smooth(of(0.1, 0.1, 0.1), 0.99)).toEqual(of(0.1, 0.1, 0.1));
  });

  it("returns the raw values at weight 0", () => {
    expect(smooth(of(3, -1, 7), 0)).toEqual(of(3, -1, 7));
  });

  it("passes values that are not finite through and forgets nothing because of them", () => {
    const smoothed = smooth(of(1, Number.NaN, Number.POSITIVE_INFINITY, 3), 0.5);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[2]).toBe(Number.POSITIVE_INFINITY);
    expect(smoothed[3]).toBe(smooth(of(1, 3), 0.5)[1]);
  });

  it("does not write into what it is given", () => {
    const values = of(1, 2, 3);
    smooth(values, 0.9);
    expect(values).toEqual(of(1, 2, 3));
  });
});
