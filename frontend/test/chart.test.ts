import { describe, expect, it } from "vitest";
import { rateAxis, valueAxis } from "../src/chart/axis";
import { dragBox, zoomOf } from "../src/chart/box";
import { coordinates } from "../src/chart/coordinates";
import { defaultDomain } from "../src/chart/domain";
import { type Labelled, lanesIn, placeLabels } from "../src/chart/labels";
import { assignLanes } from "../src/chart/lanes";
import { type Look, USUAL_LOOK } from "../src/chart/look";
import { lineAt } from "../src/chart/readout";
import { nearestRow, valueAt } from "../src/chart/rows";
import { type Domain, frameOf, type Kinds, scaleOf, scalesOf } from "../src/chart/scales";
import { markText, type Series, valueName } from "../src/chart/series";
import { readSweeps } from "../src/chart/sweepReadout";
import { logTicks, minorTicks } from "../src/chart/ticks";
import { smooth } from "../src/lib/smoothing";

function series(rates: readonly number[], column: readonly number[], fields: Partial<Series> = {}): Series {
  const values = Float64Array.from(column);
  const learningRate = Float64Array.from(rates);
  return {
    id: "s/run",
    run: "run",
    session: "s",
    label: "run",
    color: "red",
    dash: "",
    quantity: "value",
    step: Float64Array.from(rates.keys()),
    learningRate,
    values,
    spread: null,
    overview: { learningRate, values },
    column: "loss",
    mode: "min",
    smoothed: smooth(values, 0),
    planned: null,
    mark: null,
    band: null,
    trials: [],
    ...fields,
  };
}

/** A sweep from 1e-7 to 10 whose loss falls from 2 to 0.5 at 1e-3 and explodes beyond 0.1. */
function valley(fields: Partial<Series> = {}): Series {
  const exponents = Array.from({ length: 161 }, (_, index) => -7 + index / 20);
  const losses = exponents.map((t) => 0.5 + 1.5 / (1 + Math.exp(4 * (t + 3))) + Math.exp(6 * (t + 0.5)));
  return series(
    exponents.map((t) => 10 ** t),
    losses,
    fields,
  );
}

describe("ticks of the log axis", () => {
  it("are the decades of a whole sweep", () => {
    const ticks = logTicks([1e-8, 3], 10);
    expect(ticks).toEqual([1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]);
  });

  it("are every n-th decade where room is short", () => {
    expect(logTicks([1e-7, 10], 3)).toEqual([1e-5, 1e-2, 10]);
  });

  it("are 1, 2, 5 within few decades and even steps inside one", () => {
    expect(logTicks([1e-3, 1e-1], 12)).toEqual([1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1]);
    expect(logTicks([2.1e-3, 4.4e-3], 10)).toContain(3.5e-3);
  });

  it.each([
    [1e-8, 1e2],
    [3e-5, 7e-1],
    [1e-3, 1.3e-3],
    [0.5, 0.50009],
  ])("lie inside %d to %d, at most as many as wanted, at least two", (lo, hi) => {
    for (const wanted of [4, 8, 16]) {
      const ticks = logTicks([lo, hi], wanted);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(wanted);
      for (const tick of ticks) expect(tick >= lo * 0.999 && tick <= hi * 1.001).toBe(true);
    }
  });

  it("have minor marks only where there is room", () => {
    expect(minorTicks([1e-2, 1e-1], 10)).toContain(7e-2);
    expect(minorTicks([1e-30, 1e30], 10)).toEqual([]);
  });
});

describe("the default domain", () => {
  it("spans the sweep and the valley, and lets the diverged tail leave", () => {
    const { x, y } = defaultDomain([valley()]);
    expect(x[0]).toBeCloseTo(1e-7, 12);
    expect(x[1]).toBeCloseTo(10, 6);
    expect(y[0]).toBeGreaterThan(0.2);
    expect(y[0]).toBeLessThan(0.56);
    expect(y[1]).toBeGreaterThan(2);
    expect(y[1]).toBeLessThan(3);
  });

  it("spans the peak where higher is better, as the mirror image of a valley", () => {
    const { learningRate, values } = valley();
    const turned = series(
      [...learningRate],
      [...values].map((value) => -value),
      { column: "accuracy", mode: "max" },
    );
    const inside = (value: number, { y: [lo, hi] }: Domain) => lo <= value && value <= hi;
    for (const value of [0.56, 1, 1.99]) expect(inside(-value, defaultDomain([turned]))).toBe(true);
    for (const value of [0.2, 3, 100]) expect(inside(-value, defaultDomain([turned]))).toBe(false);
  });

  it("shows the upper half of an accuracy that falls from the start", () => {
    const { y } = defaultDomain([series([1e-3, 1e-2, 1e-1], [0.9, 0.8, -40], { mode: "max" })]);
    expect(y[0]).toBeGreaterThan(0);
    expect(y[1]).toBeGreaterThan(0.9);
  });

  it("covers the planned sweep while the test runs", () => {
    expect(defaultDomain([series([1e-6, 1e-5], [2, 1], { planned: [1e-6, 1] })]).x).toEqual([1e-6, 1]);
  });

  const trained = (...losses: (number | null)[]) =>
    valley({ trials: losses.map((loss) => ({ learningRate: 1e-3, steps: 100, loss })) });

  it("reaches down to the trials, which get lower than the sweep", () => {
    const { x, y } = defaultDomain([valley()]);
    const reached = defaultDomain([trained(0.1, 0.2), valley()]);
    expect(reached.x).toEqual(x);
    expect(reached.y[0]).toBeLessThan(0.1);
    expect(reached.y[0]).toBeGreaterThan(-0.2);
    expect(reached.y[1]).toBeCloseTo(y[1], 0);
  });

  it.each([
    ["diverged", null],
    ["got no lower than the curve", 1],
    ["diverged almost", 1e9],
    ["would press the curve flat", -1e3],
  ])("is the same where a trial %s", (_, loss) => {
    expect(defaultDomain([trained(loss)])).toEqual(defaultDomain([valley()]));
  });

  it("covers all runs", () => {
    const { y } = defaultDomain([valley(), series([1e-3, 1e-2, 1e-1], [9, 9, 9])]);
    expect(y[0]).toBeLessThan(0.56);
    expect(y[1]).toBeGreaterThan(9);
  });

  it.each([
    ["one row", [1e-3], [2]],
    ["a constant loss", [1e-3, 1e-2], [2, 2]],
    ["a loss of zero", [1e-3, 1e-2], [0, 0]],
    ["no finite loss", [1e-3, 1e-2], [Number.NaN, Number.NaN]],
    ["rising from the start", [1e-3, 1e-2, 1e-1], [1, 2, 400]],
    ["a rate of zero", [0, 1e-2, 1e-1], [3, 2, 1]],
  ])("is finite and not empty for %s", (_, rates, losses) => {
    const { x, y } = defaultDomain([series(rates, losses)]);
    expect([...x, ...y].every(Number.isFinite)).toBe(true);
    expect(x[0]).toBeGreaterThan(0);
    expect(x[1]).toBeGreaterThan(x[0]);
    expect(y[1]).toBeGreaterThan(y[0]);
  });

  it("exists without any run", () => {
    expect(defaultDomain([]).x[0]).toBeGreaterThan(0);
  });

  const look = (fields: Partial<Look> & Partial<Kinds>): Look => {
    const { x = "log", y = "linear", ...rest } = fields;
    return { ...USUAL_LOOK, ...rest, kinds: { x, y } };
  };

  it("spans every finite value with the tail", () => {
    const { y } = defaultDomain([valley(), series([1e-3, 1e-2], [-7, Number.NaN])], look({ isTailIgnored: false }));
    expect(y[0]).toBeLessThan(-7);
    expect(y[1]).toBeGreaterThan(8000);
    const huge = series([1, 2, 3], [-1e308, 0, 1.7e308]);
    expect(defaultDomain([huge], look({ isTailIgnored: false })).y.every(Number.isFinite)).toBe(true);
    const decades = series([1, 2, 3], [1e-308, 1, 1.7e308]);
    const [lo, hi] = defaultDomain([decades], look({ isTailIgnored: false, y: "log" })).y;
    expect(lo).toBeGreaterThan(0);
    expect(hi).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it("has room in decades on a log axis, and none for values at or below zero", () => {
    const losses = series([1e-4, 1e-3, 1e-2, 1e-1, 1, 10], [1e4, 1e3, 10, 0, -5, 1e-4]);
    const [lo, hi] = defaultDomain([losses], look({ y: "log", isTailIgnored: false })).y;
    expect(Math.log10(lo)).toBeCloseTo(-4 - 0.06 * 8, 6);
    expect(Math.log10(hi)).toBeCloseTo(4 + 0.12 * 8, 6);
    expect(defaultDomain([series([1, 2], [0, -1])], look({ y: "log" })).y[0]).toBeGreaterThan(0);
  });

  it("shows the valleys of all runs, on a log axis too", () => {
    const low = series([...valley().learningRate], [...valley().values.map((value) => value / 1000)]);
    for (const y of ["log", "linear"] as const) {
      const domain = defaultDomain([valley(), low], look({ y })).y;
      expect(domain[0]).toBeLessThan(0.0006);
      expect(domain[1]).toBeGreaterThan(2);
      expect(domain[1]).toBeLessThan(6);
    }
  });

  it("starts at a rate of zero on a linear axis, and ends there with the last value in view", () => {
    const { x } = defaultDomain([series([0, 0.1, 0.2, 0.3, 9], [2, 1, 0.5, 1, 1e9])], look({ x: "linear" }));
    expect(x).toEqual([0, 0.3]);
    expect(defaultDomain([valley()], look({ x: "linear", isTailIgnored: false })).x[1]).toBeCloseTo(10, 6);
  });

  it("is made for all rows where only those of a zoom are here", () => {
    const { learningRate, values } = valley();
    expect(defaultDomain([series([1e-3], [0.5], { overview: { learningRate, values } })])).toEqual(
      defaultDomain([valley()]),
    );
  });

  it("shows of a change how fast the loss fell, zero and that it rises, but not how fast", () => {
    const rates = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10];
    const change = series(rates, [0, -1, -2, -0.5, 3, 400], { quantity: "change" });
    const [lo, hi] = defaultDomain([change]).y;
    expect(lo).toBeLessThan(-2);
    expect(lo).toBeGreaterThan(-2.5);
    expect(hi).toBeGreaterThan(0.9);
    expect(hi).toBeLessThan(2);
    const turned = series(rates, [0, 1, 2, 0.5, -3, -400], { quantity: "change", mode: "max" });
    expect(defaultDomain([turned]).y[0]).toBeLessThan(-0.9);
    expect(defaultDomain([turned]).y[0]).toBeGreaterThan(-2);
    const rising = series(rates, [1, 2, 3, 4, 5, 6], { quantity: "change" });
    expect(defaultDomain([rising]).y[1]).toBeGreaterThan(6);
  });
});

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

describe("the labels of ticks", () => {
  it.each([
    ["log", [1e-8, 1e-4], 7, ["1e-8", "1e-7", "1e-6", "1e-5", "1e-4"]],
    ["log", [1e-12, 1e8], 7, ["1e-10", "1e-7", "1e-4", "0.1", "100", "1e5", "1e8"]],
    ["log", [3, 3.0004], 10, ["3", "3.0001", "3.0002", "3.0003", "3.0004"]],
    ["linear", [0, 3], 7, ["0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0"]],
    ["linear", [0, 1.2e-8], 7, ["0", "2e-9", "4e-9", "6e-9", "8e-9", "1e-8", "1.2e-8"]],
    ["linear", [-2e-4, 2e-4], 4, ["-0.0002", "-0.0001", "0", "0.0001", "0.0002"]],
  ] as const)("on a %s axis from %j, about %d of them, tell them apart", (kind, domain, wanted, expected) => {
    for (const axis of [rateAxis(kind), valueAxis("loss", kind)]) {
      expect(axis.labels(axis.ticks(domain, wanted))).toEqual(expected);
    }
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

  it("reads rate, value, smoothed value and step, and of a change the change alone", () => {
    const [values] = readSweeps(runs.slice(0, 1), scales, [101, 0], "listed").sections;
    expect(values!.head).toEqual(["LR", "loss", "Smoothed", "Step"]);
    expect(values!.readings[0]!.cells).toEqual(["0.01", "0.9000", "0.9000", "1"]);
    const change = series(rates, [-1, -2, 1], { quantity: "change", step: null });
    const [changes] = readSweeps([change], scales, [101, 0], "listed").sections;
    expect(changes).toMatchObject({ head: ["LR", "Change"], readings: [{ cells: ["0.01", "-2.000"] }] });
  });

  it("shows the line as it is drawn", () => {
    const [section] = readSweeps(
      [series(rates, [1, 2, 3], { color: "blue", dash: "7 6" })],
      scales,
      [0, 0],
      "listed",
    ).sections;
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

describe("the name of the values", () => {
  const showing = (...columns: string[]) => valueName(columns.map((column) => series([1e-3], [1], { column })));

  it("of changes says of what", () => {
    const change = { quantity: "change", column: "val_loss" } as const;
    expect(valueName([series([1e-3], [1], change)])).toBe("change of val_loss per decade");
  });

  it("is what all runs show", () => {
    expect(showing("loss")).toBe("loss");
    expect(showing("val_loss", "val_loss")).toBe("val_loss");
  });

  it("is general where they show different things, or nothing", () => {
    expect(showing("loss", "accuracy")).toBe("value");
    expect(showing()).toBe("value");
  });
});

describe("the text of a mark", () => {
  it("is the rate, or both bounds of cyclical rates", () => {
    expect(markText({ rate: 0.0031, lower: null })).toBe("0.0031");
    expect(markText({ rate: 0.0094, lower: 0.0012 })).toBe("0.0012 – 0.0094");
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

describe("labels", () => {
  it("share a lane only where they do not touch", () => {
    const spans = Array.from({ length: 40 }, (_, index) => ({
      start: (index * 37) % 200,
      end: ((index * 37) % 200) + 50,
    }));
    const lanes = assignLanes(spans, 30);
    spans.forEach((a, i) => {
      spans.forEach((b, j) => {
        if (i < j && lanes[i] === lanes[j]) expect(a.start >= b.end || b.start >= a.end).toBe(true);
      });
    });
  });

  it("use one lane while there is room and leave out what fits into none", () => {
    const [a, b] = [
      { start: 0, end: 50 },
      { start: 60, end: 110 },
    ];
    expect(assignLanes([a, b], 3)).toEqual([0, 0]);
    expect(assignLanes([b, a], 3)).toEqual([0, 0]);
    expect(assignLanes([a, a, a], 2)).toEqual([0, 1, null]);
  });

  const label = (id: string, x: number, text = "0.0031"): Labelled => {
    return { id, value: String(x), text, title: text, color: "red", x, bottom: 100 };
  };
  const frame = { left: 0, right: 500 };
  const words = "ReduceLROnPlateau: 0.001 → 0.0001 at epoch 12";

  it("stay inside the frame, and put the run first that is put forward", () => {
    const [placed, ...others] = placeLabels([label("a", 2), label("b", 2)], frame, 1, "b").labels;
    expect(others).toEqual([]);
    expect(placed).toMatchObject({ id: "b", text: "0.0031", lane: 0 });
    expect(placed!.middle - placed!.width / 2).toBe(0);
  });

  it("are left out where the mark is outside of the zoom", () => {
    expect(placeLabels([label("a", 900)], frame, 3, null)).toEqual({ labels: [], height: 0 });
  });

  it("give every run its first before any run its second", () => {
    const crowd = [10, 20, 30, 40].map((x) => label("a", x, words));
    const { labels } = placeLabels([...crowd, label("b", 50, words)], frame, 2, null);
    expect(labels.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("are cut short where the frame is narrower than their words, and keep all of them as title", () => {
    const [placed] = placeLabels([label("a", 10, words)], { left: 0, right: 120 }, 1, null).labels;
    expect(placed!.text).toMatch(/^ReduceLR.*…$/);
    expect(placed!.width).toBeLessThanOrEqual(120);
    expect(placed!.title).toBe(words);
  });

  it("take no more than a quarter of the height, and of a low chart one lane", () => {
    expect([120, 210, 240, 300, 400].map(lanesIn)).toEqual([1, 1, 1, 3, 4]);
    const crowd = Array.from({ length: 20 }, (_, index) => label(`run ${index}`, 250, words));
    expect(placeLabels(crowd, frame, lanesIn(400), null).height).toBe(96);
  });

  const names = ({ labels }: ReturnType<typeof placeLabels>) => labels.map(({ id }) => id).sort();
  const runs = (number: number) =>
    Array.from({ length: number }, (_, index) => label(`${index}`, 10 + 80 * (index % 6)));

  it("of many runs are those of the lowest and the highest rate, and of the one put forward", () => {
    expect(names(placeLabels(runs(20), frame, 20, null))).toHaveLength(20);
    expect(names(placeLabels(runs(21), frame, 20, null))).toEqual(["0", "17"]);
    expect(names(placeLabels(runs(21), frame, 20, "8"))).toEqual(["0", "17", "8"]);
  });

  it.each([20, 21])("take the same room whichever run is put forward (of %d)", (number) => {
    const placed = (id: string | null) => placeLabels(runs(number), frame, 2, id);
    for (const { id } of runs(number)) {
      expect(names(placed(id))).toContain(id);
      expect(placed(id).labels.every(({ lane }) => 24 * (lane + 1) <= placed(null).height)).toBe(true);
      expect(placed(id).height).toBe(placed(null).height);
    }
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
