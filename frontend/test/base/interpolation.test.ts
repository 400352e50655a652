import { describe, expect, it } from "vitest";
import { interpolate } from "../../src/base/interpolation";
import { of } from "../support/builders";

describe("interpolation", () => {
  const [xs, ys] = [of(0, 1, 3), of(10, 20, 60)];

  it("goes through the rows and straight between them", () => {
    expect([0, 1, 3].map((x) => interpolate(xs, ys, x))).toEqual([10, 20, 60]);
    expect(interpolate(xs, ys, 2)).toBe(40);
    expect(interpolate(xs, ys, 0.5)).toBe(15);
  });

  it("goes on a little beyond the ends, and no farther", () => {
    expect(interpolate(xs, ys, 3.5)).toBe(70);
    expect(interpolate(xs, ys, -1)).toBe(0);
    expect(interpolate(xs, ys, 4.1)).toBeNaN();
    expect(interpolate(xs, ys, -1.1)).toBeNaN();
  });

  it("is finite where rows coincide or there is only one", () => {
    expect(interpolate(of(2, 2), of(5, 7), 2.5)).toBe(5);
    expect(interpolate(of(2), of(5), 2.5)).toBe(5);
    expect(interpolate(of(), of(), 0)).toBeNaN();
  });

  it("knows nothing at a place that is no number", () => {
    expect(interpolate(xs, ys, Number.NaN)).toBeNaN();
  });
});
