/** Schedules as lines, and scalars beside them. */

import { describe, expect, it } from "vitest";
import { smooth } from "../../src/base/smoothing";
import { leftOut, linesOf, type ScheduleRun } from "../../src/schedules/lines";
import { choose, missing, overlaysOf, ownerOf, positionsOf } from "../../src/schedules/overlays";
import type { Scalar, Schedule, Trace } from "../../src/server/types";
import { of, scheduleRun, trace } from "../support/builders";

const training = (id: string, fields: Partial<Trace> = {}) =>
  trace(id, { kind: "training", isSweep: false, ...fields });

/** Ten steps at two steps a second and four an epoch, dropping tenfold at step 6. */
function schedule(id: string, fields: Partial<Schedule> = {}): Schedule {
  const step = Float64Array.from({ length: 10 }, (_, index) => index);
  return {
    id,
    step,
    learningRate: step.map((index) => (index < 6 ? 0.1 : 0.01)),
    epoch: step.map((index) => (index + 1) / 4),
    wallTime: step.map((index) => 1000 + index / 2),
    rateChanges: [{ step: 6, text: "Drop: 0.1 → 0.01 at epoch 1.5" }],
    ...fields,
  };
}

function trained(id: string, fields: Partial<ScheduleRun> = {}): ScheduleRun {
  return scheduleRun(training(id), { schedule: schedule(id), ...fields });
}

function planned(id: string, fields: Partial<Schedule> = {}): ScheduleRun {
  return scheduleRun(trace(id, { kind: "plan" }), {
    schedule: schedule(id, { wallTime: null, rateChanges: [], ...fields }),
  });
}

function scalar(name: string, fields: Partial<Scalar> = {}): Scalar {
  const epochs = { unit: "epoch" as const, steps: of(0, 1), wallTimes: of(1002, 1004), values: of(0.9, 0.4) };
  return { run: name, tag: "epoch_loss", ...epochs, ...fields };
}

describe("lines", () => {
  const xs = (axis: Parameters<typeof linesOf>[1]) => linesOf([trained("s/a")], axis)[0]!.xs;

  it("stand at steps, epochs, clock times or times since the first row", () => {
    expect(xs("step").slice(0, 3)).toEqual(of(0, 1, 2));
    expect(xs("epoch").slice(0, 3)).toEqual(of(0.25, 0.5, 0.75));
    expect(xs("wall").slice(0, 3)).toEqual(of(1000, 1000.5, 1001));
    expect(xs("relative").slice(0, 3)).toEqual(of(0, 0.5, 1));
  });

  it("carry their rate changes to the axis, with the rate there", () => {
    const [line] = linesOf([trained("s/a")], "epoch");
    expect(line!.rateChanges).toEqual([{ step: 6, x: 1.75, rate: 0.01, text: "Drop: 0.1 → 0.01 at epoch 1.5" }]);
  });

  it("know a plan from what happened", () => {
    const lines = linesOf([trained("s/a"), planned("p/a")], "step");
    expect(lines.map(({ isPlan }) => isPlan)).toEqual([false, true]);
  });

  it.each(["wall", "relative"] as const)("leave plans out against %s time, in words", (axis) => {
    const runs = [trained("s/a"), planned("p/plan")];
    expect(linesOf(runs, axis).map(({ id }) => id)).toEqual(["s/a"]);
    expect(leftOut(runs, axis)).toEqual(["A plan has no time. Not drawn: plan."]);
    expect(leftOut(runs, "step")).toEqual([]);
  });

  it("leave out what has no epochs against epochs, in words", () => {
    const runs = ["b", "c", "d", "e", "f"].map((name) => planned(`p/${name}`, { epoch: null }));
    expect(linesOf(runs, "epoch")).toEqual([]);
    expect(leftOut(runs, "epoch")).toEqual([
      "Not drawn, because the steps of an epoch are not known: b, c, d and 2 more.",
    ]);
  });

  it("exist only where there are rows", () => {
    const empty = { step: of(), learningRate: of(), epoch: of(), wallTime: of(), rateChanges: [] };
    const runs = [trained("s/a", { schedule: schedule("s/a", empty) }), trained("s/b", { schedule: undefined })];
    expect(linesOf(runs, "step")).toEqual([]);
    expect(leftOut(runs, "step")).toEqual([]);
  });
});

describe("the training that a scalar belongs to", () => {
  const owner = (name: string, ...traces: Trace[]) => ownerOf(name, traces)?.id ?? null;

  it.each([
    ["has the same run", "a", "s/a"],
    ["lies above", "a/validation", "s/a"],
    ["lies below", "a", "s/a/train"],
    ["lies at the root", "a/validation", "s/."],
  ])("%s", (_, name, id) => {
    expect(owner(name, training(id))).toBe(id);
  });

  it.each([
    ["beside it", "b/validation"],
    ["with a name that only begins alike", "ab/validation"],
  ])("is none %s", (_, name) => {
    expect(owner(name, training("s/a"))).toBeNull();
  });

  it("is the nearest, and of equally near ones the latest", () => {
    expect(owner("a/b/validation", training("s/a"), training("s/a/b"))).toBe("s/a/b");
    expect(owner("a", training("s1/a", { started: 2 }), training("s2/a", { started: 3 }))).toBe("s2/a");
  });

  it("is no plan and no range test", () => {
    expect(owner("a", training("s/a", { kind: "plan" }), training("s/a", { kind: "range_test" }))).toBeNull();
  });
});

describe("the choice of scalars", () => {
  const names = (scalars: readonly Scalar[], traces: readonly Trace[], shown: readonly ScheduleRun[]) =>
    choose(scalars, "epoch_loss", traces, shown).names.map((name) => name.run);

  it("is of one tag: those of shown runs, then those of no recorded run", () => {
    const [a, b] = [trained("s/a"), trained("s/b")];
    const scalars = ["a/train", "b/train", "elsewhere"].map((name) => scalar(name));
    const traces = [a.trace, b.trace];
    expect(names([...scalars, scalar("a", { tag: "lr" })], traces, [a, b])).toEqual([
      "a/train",
      "b/train",
      "elsewhere",
    ]);
    expect(names(scalars, traces, [b])).toEqual(["b/train", "elsewhere"]);
  });

  it("leaves out what a range test wrote", () => {
    expect(names([scalar("test")], [training("s/test", { kind: "range_test" })], [])).toEqual([]);
  });

  it("is limited, and says how many there are", () => {
    const many = Array.from({ length: 40 }, (_, index) => scalar(`run ${index}`));
    const choice = choose(many, "epoch_loss", [], []);
    expect(choice.names).toHaveLength(30);
    expect(missing("epoch_loss", choice, [], [], "epoch")).toEqual(["epoch_loss of 10 more runs is left out."]);
  });

  it("may be empty, in words", () => {
    expect(missing("accuracy", choose([], "accuracy", [], []), [], [], "step")).toEqual([
      "None of the shown runs has accuracy.",
    ]);
  });
});

describe("where the values of a scalar stand", () => {
  const known = schedule("s/a");

  it("is the end of their epoch, where they count epochs", () => {
    expect(positionsOf(scalar("a"), known, "epoch")).toEqual(of(1, 2));
    expect(positionsOf(scalar("a"), null, "epoch")).toEqual(of(1, 2));
  });

  it("is the step at the end of their epoch, by the epochs of the training", () => {
    expect(positionsOf(scalar("a"), known, "step")).toEqual(of(3, 7));
  });

  it("is beyond the last row for an epoch just ended, and nowhere for one after", () => {
    const later = scalar("a", { steps: of(2, 8) });
    expect(positionsOf(later, known, "step")).toEqual(of(11, Number.NaN));
  });

  it("is their step, where they count steps, and the epoch of it", () => {
    const counted = scalar("a", { unit: "step", steps: of(3, 7) });
    expect(positionsOf(counted, known, "step")).toEqual(of(3, 7));
    expect(positionsOf(counted, known, "epoch")).toEqual(of(1, 2));
  });

  it("is their time, or the time since the training's first row", () => {
    expect(positionsOf(scalar("a"), known, "wall")).toEqual(of(1002, 1004));
    expect(positionsOf(scalar("a"), known, "relative")).toEqual(of(2, 4));
    expect(positionsOf(scalar("a"), null, "relative")).toEqual(of(0, 2));
  });

  it.each([
    ["epoch", "step"],
    ["step", "epoch"],
  ] as const)("is not known where they count %ss against %ss without a training", (unit, axis) => {
    expect(positionsOf(scalar("a", { unit }), null, axis)).toBeNull();
    expect(positionsOf(scalar("a", { unit }), schedule("s/a", { epoch: null }), axis)).toBeNull();
  });
});

describe("overlays", () => {
  const shown = [trained("s/a"), planned("p/a")];
  const traces = shown.map((entry) => entry.trace);

  it("have the colour of their run, and are told apart where it has several", () => {
    const scalars = ["a/train", "a/validation"].map((name) => scalar(name));
    const overlays = overlaysOf(scalars, traces, shown, "epoch");
    expect(overlays.map(({ color, lineId, dash }) => [color, lineId, dash])).toEqual([
      ["color of a", "s/a", ""],
      ["color of a", "s/a", "0.1 4"],
    ]);
  });

  it("have the dashes of their run, which no other of its colour has", () => {
    const runs = ["", "7 6", "0.1 6"].map((dash, index) => ({ ...trained(`s/${index}`), color: "red", dash }));
    const scalars = runs.flatMap(({ trace: { run } }) => [scalar(`${run}/train`), scalar(`${run}/validation`)]);
    const overlays = overlaysOf(
      scalars,
      runs.map(({ trace }) => trace),
      runs,
      "epoch",
    );
    expect(overlays.filter((_, index) => index % 2 === 0).map(({ dash }) => dash)).toEqual(["", "7 6", "0.1 6"]);
    expect(new Set(overlays.map(({ dash }) => dash)).size).toBe(6);
  });

  it("are grey without a run", () => {
    const [overlay] = overlaysOf([scalar("elsewhere")], traces, shown, "epoch");
    expect(overlay).toMatchObject({ color: "var(--run-unrelated)", lineId: null, dash: "" });
  });

  it("are smoothed by what came before them, whether or not that has a place", () => {
    const values = of(4, 2, 1);
    const long = scalar("a", { steps: of(-3, 0, 1), wallTimes: of(1, 2, 3), values });
    const [overlay] = overlaysOf([long], traces, shown, "step", 0.5);
    expect(overlay!.values).toEqual(of(2, 1));
    expect(overlay!.smoothed).toEqual(smooth(values, 0.5).slice(1));
    const [raw] = overlaysOf([long], traces, shown, "step");
    expect(raw!.smoothed).toBe(raw!.values);
  });

  it("say what a log axis leaves out", () => {
    const notesOn = (values: Float64Array, kind: "log" | "linear") => {
      const one = scalar("a", { values });
      return missing(
        "epoch_loss",
        { names: [one], total: 1 },
        [one],
        overlaysOf([one], traces, shown, "step"),
        "step",
        kind,
      );
    };
    expect(notesOn(of(1, 0), "log")).toEqual([
      "A log axis has no place for the values of epoch_loss that are not above zero.",
    ]);
    expect(notesOn(of(1, 0), "linear")).toEqual([]);
    expect(notesOn(of(1, 2), "log")).toEqual([]);
  });

  it("leave out values without a place", () => {
    const [overlay] = overlaysOf([scalar("a", { steps: of(0, 8) })], traces, shown, "step");
    expect(overlay).toMatchObject({ xs: of(3), values: of(0.9), steps: of(0) });
  });

  it("are missing, in words, where no training says what their steps are", () => {
    const scalars = [scalar("a"), scalar("elsewhere")];
    const overlays = overlaysOf(scalars, traces, shown, "step");
    expect(overlays.map((overlay) => overlay.run)).toEqual(["a"]);
    expect(missing("epoch_loss", { names: scalars, total: 2 }, scalars, overlays, "step")).toEqual([
      "epoch_loss counts epochs, and no training was recorded that says which steps those are: elsewhere.",
    ]);
  });
});
