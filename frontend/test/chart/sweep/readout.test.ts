import { describe, expect, it } from "vitest";
import { lineAt } from "../../../src/chart/readout";
import { nearestRow, valueAt } from "../../../src/chart/rows";
import { coordinates, frameOf, type Kinds, scaleOf, scalesOf } from "../../../src/chart/scales";
import { readSweeps } from "../../../src/chart/sweep/readout";
import { dragBox, zoomOf } from "../../../src/chart/zoom";
import { series } from "../../support/builders";

describe("coordinates", () => {
  it("are what the scales say", () => {
    const values = Float64Array.of(1e-9, 0.3, 7, 1e12);
    for (const kind of ["log", "linear"] as const) {
      const scale = scaleOf(kind, [1e-3, 10], [20, 900]);
      coordinates(values, scale).forEach((place, row) => {
        expect(place / scale(values[row]!)).toBeCloseTo(1, 9);
      });
    }
  });

  it("are not finite where the axis has no place", () => {
    const places = coordinates(Float64Array.of(0, -1, Number.NaN), scaleOf("log", [1, 10], [0, 1]));
    expect(places.some(Number.isFinite)).toBe(false);
  });
});

describe("the readout of sweeps", () => {
  const rates = [1e-3, 1e-2, 1e-1];
  const runs = [
    series(rates, [3, 0.9, 3], { id: "a" }),
    series(rates, [3, Number.NaN, 3], { id: "b" }),
    series(rates, [1, 0.2, 1], { id: "c" }),
    series(rates, [2, 0.6, 2], { id: "d" }),
  ];
  const scales = scalesOf(
    { x: [1e-3, 1e-1], y: [0, 1] },
    { left: 0, right: 200, top: 0, bottom: 100 },
    {
      x: "log",
      y: "linear",
    },
  );

  it.each([
    ["listed", ["a", "b", "c", "d"]],
    ["nearest", ["d", "c", "a", "b"]],
    ["ascending", ["c", "d", "a", "b"]],
    ["descending", ["a", "d", "c", "b"]],
  ] as const)("names the runs %s", (order, expected) => {
    const [section] = readSweeps(runs, scales, [101, 50], order).sections;
    expect(section!.readings.map(({ id }) => id)).toEqual(expected);
  });

  it("reads rate, value, smoothed value and step, and of a slope the slope alone", () => {
    const [values] = readSweeps(runs.slice(0, 1), scales, [101, 0], "listed").sections;
    expect(values!.head).toEqual(["LR", "loss", "Smoothed", "Step"]);
    expect(values!.readings[0]!.cells).toEqual(["0.01", "0.9000", "0.9000", "1"]);
    const slope = series(rates, [-1, -2, 1], { quantity: "slope", step: null });
    const [slopes] = readSweeps([slope], scales, [101, 0], "listed").sections;
    expect(slopes).toMatchObject({ head: ["LR", "Slope"], readings: [{ cells: ["0.01", "-2.000"] }] });
  });

  it("shows the line as it is drawn", () => {
    const drawn = series(rates, [1, 2, 3], { color: "blue", dash: "7 6" });
    const [section] = readSweeps([drawn], scales, [0, 0], "listed").sections;
    expect(section!.readings[0]).toMatchObject({ color: "blue", dash: "7 6" });
  });

  it("knows the line that the pointer is at", () => {
    const at = (x: number, y: number) => lineAt(readSweeps(runs, scales, [x, y], "listed"), [x, y]);
    expect(at(100, 85)).toBe("c");
    expect(at(105, 48)).toBe("d");
    expect(at(100, 7)).toBe("a");
    expect(lineAt(readSweeps(runs.slice(2, 3), scales, [100, 20], "listed"), [100, 20])).toBeNull();
  });
});

describe("rows", () => {
  const rates = Float64Array.from([1e-4, 1e-3, 1e-2]);

  it("are found by their distance on a log axis", () => {
    expect(nearestRow(rates, 3.1e-4)).toBe(0);
    expect(nearestRow(rates, 3.2e-4)).toBe(1);
    expect(nearestRow(rates, 1)).toBe(2);
    expect(nearestRow(rates, 1e-9)).toBe(0);
    expect(nearestRow(new Float64Array(), 1)).toBe(-1);
  });

  it("are found by their distance on a linear axis where it is one", () => {
    expect(nearestRow(rates, 3.2e-3, "log")).toBe(2);
    expect(nearestRow(rates, 3.2e-3, "linear")).toBe(1);
    expect(nearestRow(Float64Array.of(0, 1), 0.4, "linear")).toBe(0);
  });

  it("are joined by straight lines on a linear axis where it is one", () => {
    expect(valueAt(rates, Float64Array.of(3, 1, 5), 5.5e-3, "linear")).toBeCloseTo(3, 12);
  });

  it("are joined by straight lines on a log axis", () => {
    const losses = Float64Array.from([3, 1, 5]);
    expect(valueAt(rates, losses, 1e-3)).toBe(1);
    expect(valueAt(rates, losses, 10 ** -2.5)).toBeCloseTo(3, 12);
    expect(valueAt(rates, losses, 1)).toBeNaN();
  });
});

describe("zoom", () => {
  const frame = frameOf(1000, 500, 0);
  const kinds: Kinds = { x: "log", y: "linear" };
  const scales = scalesOf({ x: [1e-7, 10], y: [0, 2] }, frame, kinds);

  it("shows exactly what the box covers", () => {
    const box = dragBox([600, 300], [400, 100], frame)!;
    const { x, y } = zoomOf(box, scales)!;
    expect(scales.x(x[0])).toBeCloseTo(400, 6);
    expect(scales.x(x[1])).toBeCloseTo(600, 6);
    expect(scales.y(y[0])).toBeCloseTo(300, 6);
    expect(scales.y(y[1])).toBeCloseTo(100, 6);
  });

  it("takes a tiny drag for a click", () => {
    expect(dragBox([400, 100], [403, 103], frame)).toBeNull();
  });

  it("keeps the other axis where the drag follows one", () => {
    expect(dragBox([400, 100], [600, 108], frame)).toMatchObject({ top: frame.top, bottom: frame.bottom, left: 400 });
    expect(dragBox([400, 100], [405, 300], frame)).toMatchObject({ left: frame.left, right: frame.right, top: 100 });
  });

  it("ends at the frame", () => {
    expect(dragBox([400, 100], [5000, 5000], frame)).toMatchObject({ right: frame.right, bottom: frame.bottom });
  });

  it("refuses a box that labels could not tell apart", () => {
    const narrow = scalesOf({ x: [1, 1.0002], y: [0, 2] }, frame, kinds);
    expect(zoomOf(dragBox([400, 100], [600, 300], frame)!, narrow)).toBeNull();
  });
});
