// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { rateAxis, valueAxis } from "../../src/chart/axis";
import { assignLanes, type Labelled, lanesIn, placeLabels } from "../../src/chart/labelLanes";
import { rateText, valueName } from "../../src/chart/sweep/series";
import { logTicks, minorTicks } from "../../src/chart/ticks";
import { series } from "../support/builders";

describe("ticks of the log axis", () => {
  it("are the decades of a whole sweep", () => {
    const ticks = logTicks([1e-8, 3], 10);
    expect(ticks).toEqual([1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]);
  });

  it("are every n-th decade where room is short", () => {
    expect(logTicks([1e-7, 10], 3)).toEqual([1e-5, 1e-2, 10]);
    expect(logTicks([0.02, 3], 3)).toEqual([0.1, 1]);
    expect(logTicks([0.2, 9], 2)).toEqual([0.3, 3]);
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

describe("the labels of ticks", () => {
  it.each([
    ["log", [1e-8, 1e-4], 7, ["1e-8", "1e-7", "1e-6", "1e-5", "0.0001"]],
    ["log", [1e-12, 1e8], 7, ["1e-10", "1e-7", "0.0001", "0.1", "100", "1e5", "1e8"]],
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

describe("the name of the values", () => {
  const showing = (...columns: string[]) => valueName(columns.map((column) => series([1e-3], [1], { column })));

  it("of slopes says of what", () => {
    const change = { quantity: "slope", column: "val_loss" } as const;
    expect(valueName([series([1e-3], [1], change)])).toBe("slope of val_loss per decade");
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

describe("the text of a suggested rate", () => {
  it("is the rate, or both bounds of cyclical rates", () => {
    expect(rateText({ rate: 0.0031, lower: null })).toBe("0.0031");
    expect(rateText({ rate: 0.0094, lower: 0.0012 })).toBe("0.0012 – 0.0094");
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
