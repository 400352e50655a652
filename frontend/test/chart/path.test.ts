import { describe, expect, it } from "vitest";
import { areaPath, clip, decimate, dotsPath, linePath, project } from "../../src/chart/path";
import { of } from "../support/builders";

const PLOT = { left: 0, right: 100, top: 0, bottom: 100 };
const line = (xs: Float64Array, ys: Float64Array) => linePath(project(xs, ys, PLOT));

describe("a line", () => {
  it("is one piece while it can be seen", () => {
    expect(line(of(0, 50, 100), of(10, 20, 30))).toBe("M0.0,10.0L50.0,20.0L100.0,30.0");
  });

  it("ends a little beyond the plot and comes back, however far it goes", () => {
    expect(line(of(10, 20, 30, 40), of(50, -1e12, -1e15, 50))).toBe("M10.0,50.0L10.0,-20.0M40.0,-20.0L40.0,50.0");
  });

  it("crosses the plot between two points outside of it", () => {
    expect(line(of(-100, 200), of(50, 50))).toBe("M-20.0,50.0L120.0,50.0");
  });

  it("has gaps where there is no value, and dots for values between two gaps", () => {
    expect(line(of(1, 2, 3, 4, 5), of(1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5))).toBe(
      "M1.0,1.0L1.0,1.0M3.0,3.0L3.0,3.0M5.0,5.0L5.0,5.0",
    );
    expect(line(of(), of())).toBe("");
  });
});

describe("dots", () => {
  it("are drawn where they can be seen", () => {
    const projection = project(of(10, 20, 30, 400), of(10, -500, Number.NaN, 40), PLOT);
    expect(dotsPath(projection)).toBe("M10.0,10.0h0");
  });

  it("are at most four in wide columns, the extremes among them", () => {
    const rows = Float64Array.from({ length: 100 }, (_, row) => row);
    const heights = rows.map((row) => (row * 37) % 100);
    const dots = dotsPath(project(rows, heights, PLOT, 50));
    expect(dots.match(/h0/g)!.length).toBeLessThanOrEqual(8);
    for (const [row, height] of heights.entries()) {
      if (height === 0 || height === 99) expect(dots).toContain(`M${row}.0,${height}.0`);
    }
  });
});

describe("an area", () => {
  it("goes along one line and back along the other, piece by piece", () => {
    const upper = project(of(0, 10, 20, 30), of(1, 2, Number.NaN, 4), PLOT);
    expect(areaPath(upper, of(5, 6, 7, 8))).toBe("M0.0,1.0L10.0,2.0L10.0,6.0L0.0,5.0ZM30.0,4.0L30.0,8.0Z");
  });
});

describe("lines", () => {
  const box = { left: 0, right: 10, top: 0, bottom: 10 };

  it.each([
    [
      [1, 1],
      [9, 9],
      [
        [1, 1],
        [9, 9],
      ],
    ],
    [
      [5, 5],
      [5, 1e6],
      [
        [5, 5],
        [5, 10],
      ],
    ],
    [
      [-10, -10],
      [20, 20],
      [
        [0, 0],
        [10, 10],
      ],
    ],
    [[-1, -5], [-1, 5], null],
    [[-5, 4], [4, -5], null],
    [
      [3, 3],
      [3, 3],
      [
        [3, 3],
        [3, 3],
      ],
    ],
    [[12, 3], [12, 3], null],
  ] as const)("from %o to %o end at the box", (from, to, wanted) => {
    expect(clip(from, to, box)).toEqual(wanted);
  });
});

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
