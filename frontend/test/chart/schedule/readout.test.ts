import { describe, expect, it } from "vitest";
import { EPOCH_AXIS, RELATIVE_AXIS, rateAxis, STEP_AXIS, WALL_AXIS } from "../../../src/chart/axis";
import { dotsPath, fallen, linePath, project } from "../../../src/chart/path";
import { nearestReadings, type Reading } from "../../../src/chart/readout";
import { coordinates, frameOf, MARGIN_OF_TWO, scaleOf, scalesOf } from "../../../src/chart/scales";
import { rateDomain, valueDomain, xDomain } from "../../../src/chart/schedule/domain";
import type { Overlay, ScheduleLine } from "../../../src/chart/schedule/lines";
import { withRateChangesIn } from "../../../src/chart/schedule/rateChanges";
import { readSchedules } from "../../../src/chart/schedule/readout";
import { intervalOf } from "../../../src/chart/zoom";
import { of } from "../../support/builders";

function line(xs: readonly number[], rates: readonly number[], fields: Partial<ScheduleLine> = {}): ScheduleLine {
  const columns = { xs: Float64Array.from(xs), rates: Float64Array.from(rates), steps: Float64Array.from(xs) };
  return { id: "s/a", label: "a", color: "red", dash: "", isPlan: false, rateChanges: [], ...columns, ...fields };
}

function overlay(xs: readonly number[], values: readonly number[], fields: Partial<Overlay> = {}): Overlay {
  const column = Float64Array.from(values);
  const columns = {
    xs: Float64Array.from(xs),
    values: column,
    smoothed: column,
    steps: Float64Array.from(xs.keys()),
  };
  const scalar = { id: "a loss", run: "a/train", tag: "loss", unit: "epoch" as const };
  return { ...scalar, color: "red", lineId: "s/a", dash: "", ...columns, ...fields };
}

describe("the axis of steps or time", () => {
  it("spans all lines, and the scalars that belong to one", () => {
    const lines = [line([0, 90], [1, 1]), line([10, 100], [1, 1])];
    expect(xDomain(lines, [])).toEqual([0, 100]);
    expect(xDomain(lines, [overlay([50, 110], [1, 2])])).toEqual([0, 110]);
    expect(xDomain(lines, [overlay([-1e9, 1e9], [1, 2], { lineId: null })])).toEqual([0, 100]);
  });

  it("is not empty for a single row, or none", () => {
    expect(xDomain([line([5], [1])], [])).toEqual([4.5, 5.5]);
    expect(xDomain([], [])).toEqual([0, 1]);
  });
});

describe("the axis of rates", () => {
  it("reaches a little beyond all rates on a log axis", () => {
    const [lo, hi] = rateDomain([line([0, 1], [1e-5, 1e-3])], "log");
    expect(lo).toBeLessThan(1e-5);
    expect(lo).toBeGreaterThan(1e-6);
    expect(hi).toBeGreaterThan(1e-3);
    expect(hi).toBeLessThan(1e-2);
  });

  it("starts at zero on a linear one", () => {
    const [lo, hi] = rateDomain([line([0, 1], [0.5, 1])], "linear");
    expect(lo).toBeLessThanOrEqual(0);
    expect(lo).toBeGreaterThan(-0.1);
    expect(hi).toBeGreaterThan(1);
  });

  it("is not stretched by the end of a decay to zero", () => {
    const steps = [...Array(1000).keys()];
    const cosine = steps.map((step) => 0.5 * (1 + Math.cos((Math.PI * step) / 999)));
    expect(rateDomain([line(steps, cosine)], "log")[0]).toBeGreaterThan(1e-6);
  });

  it.each([
    ["a constant rate", [0.1, 0.1]],
    ["rates of zero", [0, 0]],
    ["rates that are not finite", [Number.NaN, Number.POSITIVE_INFINITY]],
  ])("is finite and not empty for %s", (_, rates) => {
    for (const kind of ["log", "linear"] as const) {
      const [lo, hi] = rateDomain([line([0, 1], rates)], kind);
      expect(Number.isFinite(lo) && Number.isFinite(hi) && lo < hi).toBe(true);
      if (kind === "log") expect(lo).toBeGreaterThan(0);
    }
  });
});

describe("the axis of the scalar", () => {
  it("spans few values whole, and lets the outermost of many leave", () => {
    const [lo, hi] = valueDomain([overlay([0, 1], [1, 3])]);
    expect(lo).toBeLessThan(1);
    expect(hi).toBeGreaterThan(3);
    const many = Array.from({ length: 200 }, (_, index) => (index === 0 ? 1e9 : 1));
    expect(valueDomain([overlay([...many.keys()], many)])[1]).toBeLessThan(2);
  });

  it("exists without values that have a place", () => {
    expect(valueDomain([overlay([0], [Number.NaN])])).toEqual([0, 1]);
    const [lo, hi] = valueDomain([overlay([0, 1], [0, -1])], "log");
    expect(lo > 0 && lo < hi).toBe(true);
  });

  it("spans what is above zero on a log scale", () => {
    const [lo, hi] = valueDomain([overlay([0, 1, 2, 3], [0, 1e-4, 10, -5])], "log");
    expect(lo).toBeGreaterThan(1e-5);
    expect(lo).toBeLessThan(1e-4);
    expect(hi).toBeGreaterThan(10);
    expect(hi).toBeLessThan(100);
  });
});

describe("paths", () => {
  const frame = frameOf(200, 100, 0);
  const y = scaleOf("log", [1e-3, 1], [frame.bottom, frame.top]);

  it("fall out of a log axis where the rate is zero, instead of breaking", () => {
    const rates = fallen(coordinates(of(1, 0, 1), y));
    const path = linePath(project(of(70, 80, 90), rates, frame));
    expect(path).toBe("M70.0,14.0L70.0,74.0M90.0,74.0L90.0,14.0");
  });

  it("break where there is no value", () => {
    const projection = project(of(70, 80, 90), coordinates(of(1, Number.NaN, 1), y), frame);
    expect(linePath(projection).match(/M/g)).toHaveLength(2);
    expect(dotsPath(projection).match(/h0/g)).toHaveLength(2);
  });
});

describe("axes", () => {
  const labels = (axis: typeof STEP_AXIS, domain: [number, number], wanted: number) =>
    axis.labels(axis.ticks(domain, wanted));

  it("count steps in groups of digits, also where they are zoomed to parts of one", () => {
    expect(labels(STEP_AXIS, [0, 40_000], 4)).toEqual(["0", "10,000", "20,000", "30,000", "40,000"]);
    expect(labels(STEP_AXIS, [3, 4], 4)).toEqual(["3.0", "3.5", "4.0"]);
    expect(STEP_AXIS.read(1234.4)).toBe("1,234");
  });

  it.each([16e6, 1499, 9.9e6, 7e4])("leave each other room, up to %d steps", (last) => {
    for (const wanted of [2, 5, 12]) {
      const ticks = STEP_AXIS.ticks([0, last], wanted);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(wanted + 1);
    }
  });

  it("name epochs and times", () => {
    expect(EPOCH_AXIS.read(12.345)).toBe("12.35");
    expect(labels(RELATIVE_AXIS, [0, 7200], 4)).toEqual(["0", "30 min", "1 h", "1 h 30 min", "2 h"]);
    expect(RELATIVE_AXIS.read(61.4)).toBe("1 min 1 s");
  });

  it("name the day once where all is of one day", () => {
    const noon = new Date(2026, 10, 20, 12).getTime() / 1000;
    expect(WALL_AXIS.title([noon, noon + 60])).toMatch(/^wall time, .*20/);
    expect(WALL_AXIS.title([noon, noon + 86400])).toBe("wall time");
    expect(labels(WALL_AXIS, [noon, noon + 7200], 3)).toEqual(["12:00", "13:00", "14:00"]);
    expect(WALL_AXIS.read(noon)).toMatch(/20.*, 12:00:00$/);
  });

  it("show rates on a log or a linear scale", () => {
    expect(labels(rateAxis("log"), [1e-5, 1e-2], 6)).toContain("0.0001");
    expect(labels(rateAxis("linear"), [0, 0.01], 5)).toContain("0.004");
    expect(rateAxis("log").title([0, 1])).toBe("learning rate (log)");
  });
});

describe("rate changes", () => {
  const plane = { x: [0, 100], y: [0, 1] } as const;
  const change = (step: number, text = `Change ${step}`) => ({ step, x: step, rate: 0.5, text });
  const drawn = (...lines: ScheduleLine[]) =>
    withRateChangesIn(plane, lines).map(({ rateChanges }) => rateChanges.map(({ step }) => step));

  it("stand where the rate changed in what is shown", () => {
    const rateChanges = [change(-1), change(0), change(100), { ...change(50), rate: 2 }];
    expect(drawn(line([0, 100], [1, 1], { rateChanges }))).toEqual([[0, 100]]);
  });

  it("of a plan are left out where a training did the same", () => {
    const plan = line([], [], { isPlan: true, rateChanges: [change(10), change(20), change(30)] });
    const training = line([], [], { rateChanges: [change(10), change(20, "Another change"), change(31)] });
    expect(drawn(plan, training)).toEqual([
      [20, 30],
      [10, 20, 31],
    ]);
    expect(drawn(plan)).toEqual([[10, 20, 30]]);
  });

  it("are few, or there are none", () => {
    const changes = (number: number) => Array.from({ length: number }, (_, step) => change(step));
    const [twenty, more] = drawn(
      line([], [], { rateChanges: changes(20) }),
      line([], [], { rateChanges: changes(21) }),
    );
    expect([twenty!.length, more!.length]).toEqual([20, 0]);
  });
});

describe("zoom", () => {
  it("refuses what labels could not tell apart, of steps and of clock times", () => {
    const steps = scaleOf("linear", [0, 1000], [0, 1000]);
    expect(intervalOf(steps, "linear", 400, 600)).toEqual([400, 600]);
    const clock = scaleOf("linear", [1.7e9, 1.7e9 + 0.5], [0, 1000]);
    expect(intervalOf(clock, "linear", 400, 600)).toBeNull();
  });
});

describe("the readout", () => {
  const frame = frameOf(1064, 500, 0, MARGIN_OF_TWO);
  const scales = scalesOf({ x: [0, 100], y: [1e-4, 1] }, frame, { x: "linear", y: "log" });
  const right = scaleOf("linear", [0, 2], [frame.bottom, frame.top]);
  const read = (x: number, overlays: readonly Overlay[] = []) => {
    const lines = [line([0, 50, 100], [0.1, 0.01, 0.001]), line([0, 10], [1, 1], { id: "s/short" })];
    return readSchedules({ lines, overlays, probes: [], axis: STEP_AXIS, right: () => right }, scales, scales.x(x));
  };

  it("names the place, and the nearest row of each line there", () => {
    const readout = read(60);
    expect([readout.name, readout.value]).toEqual(["Step", "60"]);
    const [rates] = readout.sections;
    expect(rates!.readings.map(({ id, step, cells }) => [id, step, cells])).toEqual([["s/a", 50, ["0.01", "50"]]]);
  });

  it("shows the lines as they are drawn", () => {
    const readable = {
      lines: [line([0, 1], [1, 1]), line([0, 1], [1, 1], { dash: "7 5" })],
      axis: STEP_AXIS,
      right: () => right,
    };
    const overlays = [overlay([0, 1], [1, 1]), overlay([0, 1], [1, 1], { dash: "0.1 4" })];
    const { sections } = readSchedules({ ...readable, overlays, probes: [] }, scales, scales.x(0));
    expect(sections.map(({ readings }) => readings.map(({ dash }) => dash))).toEqual([
      ["", "7 5"],
      ["", "0.1 4"],
    ]);
  });

  it("leaves out lines that end before, or begin after", () => {
    expect(read(5).sections[0]!.readings.map(({ id }) => id)).toEqual(["s/a", "s/short"]);
    expect(read(30).sections[0]!.readings.map(({ id }) => id)).toEqual(["s/a"]);
  });

  it("reads the scalar at the same place, on its own axis", () => {
    const [, values] = read(60, [overlay([25, 50, 75], [1.5, 1, 0.5])]).sections;
    expect(values!.head).toEqual(["loss", "Epoch"]);
    expect(values!.readings[0]).toMatchObject({ label: "a/train", cells: ["1.000", "1"], top: right(1) });
  });

  it("reads a smoothed scalar where its line goes, with the value beside it", () => {
    const [, values] = read(60, [overlay([25, 50, 75], [1.5, 1, 0.5], { smoothed: of(1.5, 1.25, 0.75) })]).sections;
    expect(values!.head).toEqual(["Smoothed", "loss", "Epoch"]);
    expect(values!.readings[0]).toMatchObject({ cells: ["1.250", "1.000", "1"], top: right(1.25) });
  });

  const reading = (id: string, top: number): Reading => {
    return { id, label: id, color: "red", dash: "", left: 0, top, cells: [], step: 0 };
  };
  it("keeps the nearest ten of all sections in their order", () => {
    const rates = Array.from({ length: 8 }, (_, index) => reading(`rate ${index}`, 10 * index));
    const values = Array.from({ length: 8 }, (_, index) => reading(`value ${index}`, 300 - 10 * index));
    const sections = [rates, values].map((readings) => ({ head: [], readings }));
    const { sections: kept, nearest, left } = nearestReadings(sections, 0);
    expect(kept.map(({ readings }) => readings.length)).toEqual([8, 2]);
    expect(kept[1]!.readings.map(({ id }) => id)).toEqual(["value 6", "value 7"]);
    expect(nearest!.id).toBe("rate 0");
    expect(left).toBe(6);
  });

  it("points out none where there is only one, and drops empty sections", () => {
    const sections = [
      { head: [], readings: [reading("a", 1)] },
      { head: [], readings: [] },
    ];
    expect(nearestReadings(sections, 0)).toMatchObject({ sections: [sections[0]], nearest: null, left: 0 });
  });
});
