/** The probes of trainings in the chart of schedules. */

import { describe, expect, it } from "vitest";
import { STEP_AXIS } from "../../../src/chart/axis";
import { frameOf, MARGIN, scalesOf } from "../../../src/chart/scales";
import { rateDomain, xDomain } from "../../../src/chart/schedule/domain";
import type { ScheduleLine } from "../../../src/chart/schedule/lines";
import { banded, legendOf, type ProbeLine } from "../../../src/chart/schedule/probeLines";
import { probeAt, readSchedules } from "../../../src/chart/schedule/readout";
import { speechOf } from "../../../src/chart/speech";
import { probeLinesOf } from "../../../src/schedules/probes";
import { decodeProbes } from "../../../src/server/decode";
import type { ProbePoint, Probes, Schedule } from "../../../src/server/types";
import { of, scheduleRun, trace } from "../../support/builders";
import { probeJson } from "../../support/wire";

const SCHEDULE: Schedule = {
  id: "s/a",
  step: of(0, 10),
  learningRate: of(0.01, 0.01),
  epoch: of(0.5, 5.5),
  wallTime: of(90, 100),
  rateChanges: [],
};

function pointsOf(...points: object[]): readonly ProbePoint[] {
  const [decoded] = decodeProbes({ probes: [{ id: "s/a", points, sentences: [], error: null }] });
  return (decoded as Probes).points;
}

/** Probes at steps 2, 6 and 8; the one at step 6 found nothing. */
const FOUND = pointsOf(
  probeJson("p2/a", 2),
  probeJson("p6/a", 6, { suggestion: null, lower: null, upper: null, edge: null, confidence: null }),
  probeJson("p8/a", 8),
);

function run(points = FOUND, schedule: Partial<Schedule> = {}) {
  const probes = { points, sentences: [], error: null };
  return scheduleRun(trace("s/a", { kind: "training" }), { schedule: { ...SCHEDULE, ...schedule }, probes });
}

const line = (id = "s/a", points = FOUND): ProbeLine => ({ ...probeLinesOf([run(points)], "step")[0]!, id, label: id });

const used = (...rates: number[]): ScheduleLine => ({
  ...{ id: "s/a", label: "a", color: "", dash: "", isPlan: false, rateChanges: [] },
  xs: Float64Array.from(rates.keys()),
  steps: Float64Array.from(rates.keys()),
  rates: Float64Array.from(rates),
});

describe("probes along an axis", () => {
  const xs = (axis: Parameters<typeof probeLinesOf>[1], schedule: Partial<Schedule> = {}, points = FOUND) =>
    probeLinesOf([run(points, schedule)], axis).map((probes) => [...probes.xs]);

  it("stand where they were made", () => {
    expect(xs("step")).toEqual([[2, 6, 8]]);
    expect(xs("epoch")).toEqual([[1, 3, 4]]);
    expect(xs("wall")).toEqual([[102, 106, 108]]);
    expect(xs("relative")).toEqual([[12, 16, 18]]);
  });

  it("take an epoch that they do not know from the rows of their training, and have no place without", () => {
    const unknown = pointsOf(probeJson("p2/a", 2, { epoch: null }));
    expect(xs("epoch", {}, unknown)).toEqual([[1]]);
    expect(xs("epoch", { epoch: null }, unknown)).toEqual([]);
    expect(xs("relative", { wallTime: null })).toEqual([]);
  });

  it("are gaps where nothing was found, and stand at the training's rate there", () => {
    const { suggestions, lower, edges, places } = line();
    expect([suggestions, lower, edges].map((column) => [...column])).toEqual([
      [0.05, Number.NaN, 0.05],
      [0.01, Number.NaN, 0.01],
      [0.4, Number.NaN, 0.4],
    ]);
    expect([...places]).toEqual([0.05, 0.1, 0.05]);
  });

  it("have no ribbon from one end of a band alone", () => {
    const { lower, upper } = line("s/a", pointsOf(probeJson("p/a", 1, { upper: null })));
    expect([...lower, ...upper]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("the axis of steps or time", () => {
  it("begins with a probe that was made before the first step ended", () => {
    const first = line("s/a", pointsOf(probeJson("p0/a", 0)));
    expect(xDomain([used(0.1, 0.1)], [], [{ ...first, xs: of(-0.5) }])).toEqual([-0.5, 1]);
  });
});

describe("the axis of rates", () => {
  it("reaches to what probes found near the used rates", () => {
    expect(rateDomain([used(0.1, 0.1)], "log", [line()])[1]).toBeGreaterThan(0.4);
    expect(rateDomain([used(0.1, 0.1)], "log", [line()])[0]).toBeLessThan(0.01);
    expect(rateDomain([used(0.3, 0.3)], "linear", [line()])[1]).toBeGreaterThan(0.4);
  });

  it("does not drown the used rates in what lies far from them", () => {
    expect(rateDomain([used(0.01, 0.01)], "linear", [line()])[1]).toBeLessThan(0.03);
    expect(rateDomain([used(1e-6, 1e-6)], "log", [line()])).toEqual(rateDomain([used(1e-6, 1e-6)], "log"));
  });

  it("lets a decay to zero leave a log axis below what was found", () => {
    const decay = used(...Array.from({ length: 20 }, (_, step) => 0.1 * 10 ** -step));
    expect(rateDomain([decay], "log", [line()])[0]).toBeGreaterThan(1e-4);
    expect(rateDomain([decay], "log")[0]).toBeLessThan(1e-19);
  });
});

describe("the bands", () => {
  const [a, b, c] = ["a", "b", "c"].map((id) => line(id)) as [ProbeLine, ProbeLine, ProbeLine];

  it("are all drawn of two trainings, and of more that of the one put forward, or the first", () => {
    expect(banded([a, b], "b")).toEqual([a, b]);
    expect(banded([a, b, c], "b")).toEqual([b]);
    expect(banded([a, b, c], null)).toEqual([a]);
    expect(banded([a, b, c], "a plan")).toEqual([a]);
  });

  it("are explained as far as they are drawn", () => {
    const labels = (probes: readonly ProbeLine[], front: string | null = null) =>
      legendOf(probes, front).map(({ label }) => label);
    const hollow = "probe with a doubtful suggestion, or none";
    expect(labels([a])).toEqual(["usable band", "suggested rate", "blow-up edge", hollow]);
    expect(labels([a, b, c], "b")).toEqual(["usable band of b", "suggested rate", "blow-up edge of b", hollow]);
    expect(labels([line("a", [FOUND[1]!])])).toEqual([hollow]);
    expect(labels([line("a", [FOUND[0]!])])).not.toContain(hollow);
    expect(labels([])).toEqual([]);
  });
});

describe("the readout of probes", () => {
  const frame = frameOf(1092, 500, 0, MARGIN);
  const scales = scalesOf({ x: [0, 10], y: [1e-3, 1] }, frame, { x: "linear", y: "log" });
  const read = (x: number) => {
    const shown = { lines: [], overlays: [], probes: [line()], axis: STEP_AXIS, right: null };
    return readSchedules(shown, scales, scales.x(x));
  };
  const cells = (x: number) => read(x).sections[1]!.readings.map((reading) => reading.cells);

  it("has all that the nearest one says", () => {
    expect(read(3).sections[1]!.head).toEqual([
      "Suggested",
      "Ratio",
      "Usable band",
      "Edge",
      "Confidence",
      "LR",
      "Step",
    ]);
    expect(cells(3)).toEqual([["0.05", "2×", "0.01 – 0.2", "0.4", "likely", "0.1", "2"]]);
    expect(cells(6)).toEqual([["–", "–", "–", "–", "–", "0.1", "6"]]);
    expect(cells(0)).toEqual([]);
  });

  it("says all of it aloud", () => {
    expect(speechOf(read(3), scales.y(0.05))).toBe(
      "step 3: s/a probed at step 2: rate 0.1, suggested 0.05, ratio 2×, usable 0.01 – 0.2, edge 0.4, confidence likely",
    );
  });

  it("leads to the trace of a probe by a click at it, and by a key from wherever it is read", () => {
    const [probes, point] = [[line()], [scales.x(2), scales.y(0.05)] as const];
    expect(probeAt(probes, scales, point, false)).toBe("p2/a");
    expect(probeAt(probes, scales, [point[0] + 40, point[1]], false)).toBeNull();
    expect(probeAt(probes, scales, [point[0] + 40, point[1] + 90], true)).toBe("p2/a");
    expect(probeAt(probes, scales, [scales.x(0), point[1]], true)).toBeNull();
  });

  it("leads to the nearer one of two trainings", () => {
    const other = line("s/b", pointsOf(probeJson("p2/b", 2, { suggestion: 0.5 })));
    expect(probeAt([line(), other], scales, [scales.x(2), scales.y(0.4)], true)).toBe("p2/b");
    expect(probeAt([line(), other], scales, [scales.x(2), scales.y(0.06)], true)).toBe("p2/a");
  });
});
