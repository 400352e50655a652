import { describe, expect, it } from "vitest";
import { decimate } from "../../src/chart/decimation";

/** A reproducible noisy series. */
function noise(length: number): Float64Array {
  let seed = 1;
  return Float64Array.from({ length }, () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  });
}

describe("decimation", () => {
  const ys = noise(10_000);
  const columnOf = (index: number) => index / 100;
  const kept = decimate(ys, columnOf);

  it("keeps at most four points of a column", () => {
    expect(kept.length).toBeLessThanOrEqual(4 * 100);
  });

  it("keeps the lowest, highest, first and last point of every column", () => {
    const chosen = new Set(kept);
    for (let column = 0; column < 100; column++) {
      const part = ys.subarray(column * 100, (column + 1) * 100);
      expect(chosen).toContain(column * 100 + part.indexOf(Math.min(...part)));
      expect(chosen).toContain(column * 100 + part.indexOf(Math.max(...part)));
      expect(chosen).toContain(column * 100);
      expect(chosen).toContain(column * 100 + 99);
    }
  });

  it("keeps the order and repeats nothing", () => {
    expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
  });

  it("keeps every point where each has a column of its own", () => {
    expect(decimate(noise(50), (index) => index)).toHaveLength(50);
  });

  it("keeps one point of each gap, so that the line breaks", () => {
    const gapped = Float64Array.from([1, 2, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, 3, 4]);
    expect(decimate(gapped, () => 0)).toEqual([0, 1, 2, 5, 6]);
  });

  it("takes a point without a column for a gap", () => {
    expect(decimate(Float64Array.from([1, 2, 3]), (index) => (index === 1 ? Number.NaN : 0))).toEqual([0, 1, 2]);
  });

  it("returns nothing for nothing", () => {
    expect(decimate(new Float64Array(), () => 0)).toEqual([]);
  });
});
