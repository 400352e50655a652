import { describe, expect, it } from "vitest";
import { clip } from "../src/chart/clip";
import { isAlike, isSame, keep } from "../src/lib/same";
import { bestOf } from "../src/model/best";
import { bestName, columnsOf, factOf } from "../src/model/columns";
import { sorted } from "../src/model/comparison";
import { compileGrouping, groupsOf, looksOf } from "../src/model/groups";
import { lookAt, Places } from "../src/model/palette";
import { State } from "../src/model/state";
import type { Curve, Trace } from "../src/model/types";
import { type SweepRun, startsOf } from "../src/model/view";
import { Server } from "./server";

const ALL = () => true;

function trace(run: string, fields: Partial<Trace> = {}): Trace {
  return {
    id: `s/${run}`,
    run,
    session: "s",
    kind: "range_test",
    isSweep: true,
    driver: null,
    status: "finished",
    statusText: "Stopped at step 3: the loss rose.",
    stopReason: "diverged",
    columns: ["step", "learning_rate", "loss"],
    monitor: "loss",
    rows: 3,
    numSteps: 5,
    startLr: null,
    endLr: null,
    optimizer: null,
    batchSize: null,
    trials: [],
    started: 1e9,
    updated: 1e9,
    ...fields,
  };
}

function curve(values: readonly number[], fields: Partial<Curve> = {}): Curve {
  const steps = Float64Array.from(values.keys());
  const learningRate = steps.map((step) => 10 ** (step - 3));
  return {
    id: "s/a",
    step: steps,
    learningRate,
    values: Float64Array.from(values),
    column: "loss",
    mode: "min",
    total: values.length,
    isWhole: true,
    smoothed: null,
    spread: null,
    ...fields,
  };
}

function run(name: string, rate: number | null, fields: Partial<SweepRun> = {}): SweepRun {
  const use = rate === null ? null : { name: "constant" as const, learningRate: rate, lower: null, reason: "" };
  const look = { color: "red", dash: "", group: null };
  const loaded = { curve: undefined, suggestion: undefined, method: null };
  return {
    trace: trace(name),
    start: null,
    label: name,
    isSelected: true,
    error: null,
    ...look,
    ...loaded,
    use,
    ...fields,
  };
}

const names = (runs: readonly SweepRun[]) => runs.map(({ label }) => label);

describe("the order of the table", () => {
  const runs = [run("b", 2e-3), run("none", null), run("a", 1e-1), run("c", 5e-4)];

  it("is that of the list unless a column is chosen", () => {
    expect(sorted(runs, "")).toBe(runs);
  });

  it("goes by value, and puts what is missing last both ways", () => {
    expect(names(sorted(runs, "rate"))).toEqual(["c", "b", "a", "none"]);
    expect(names(sorted(runs, "-rate"))).toEqual(["a", "b", "c", "none"]);
  });

  it("counts in names, and takes the better confidence for the higher", () => {
    const [ten, two] = [run("run-10", null), run("run-2", null)];
    expect(names(sorted([ten, two], "run"))).toEqual(["run-2", "run-10"]);
    const graded = (["doubtful", "sure", "likely"] as const).map((confidence) =>
      run(confidence, null, { suggestion: { confidence } as SweepRun["suggestion"] }),
    );
    expect(names(sorted(graded, "-confidence"))).toEqual(["sure", "likely", "doubtful"]);
  });

  it("keeps runs that are equal in their order", () => {
    const equal = [run("x", 1), run("y", 1), run("z", 1)];
    expect(names(sorted(equal, "-rate"))).toEqual(["x", "y", "z"]);
  });
});

describe("the facts of a run", () => {
  it("are the raw best value and its rate, by the direction of the column", () => {
    const values = [Number.NaN, 3, 0.25, Number.NEGATIVE_INFINITY, 7];
    expect(bestOf(curve(values))).toEqual({ value: 0.25, learningRate: 0.1 });
    expect(bestOf(curve(values, { mode: "max" }))).toEqual({ value: 7, learningRate: 10 });
    expect(bestOf(curve([Number.NaN]))).toBeNull();
  });

  it("name the best value after what the runs show", () => {
    const loss = run("a", null, { curve: curve([1]) });
    const accuracy = run("b", null, { curve: curve([1], { column: "accuracy", mode: "max" }) });
    expect([[loss], [accuracy], [loss, accuracy], []].map(bestName)).toEqual([
      "Lowest loss",
      "Highest accuracy",
      "Best value",
      "Best value",
    ]);
  });

  it("say how it ended in a word, or how it stands", () => {
    const ended = (fields: Partial<Trace>) => factOf(run("a", null, { trace: trace("a", fields) }), "ended")!;
    expect(ended({ stopReason: "non_finite" })).toMatchObject({
      text: "non finite",
      exact: "Stopped at step 3: the loss rose.",
    });
    expect(ended({ stopReason: "", status: "running" }).text).toBe("running");
  });

  it("count the steps of trainings, not their rows", () => {
    const training = trace("a", { kind: "training", rows: 3 });
    const steps = Float64Array.of(0, 40, 99);
    const thinned = run("a", null, { trace: training, curve: curve([3, 2, 1], { step: steps }) });
    expect(factOf(thinned, "steps")!.value).toBe(100);
    expect(factOf(run("a", null), "steps")!.value).toBe(3);
  });

  it("leave out columns that hold nothing for any run, but never the rate", () => {
    expect(columnsOf([run("a", null)])).toEqual(["run", "rate", "ended", "steps", "started"]);
    const known = run("b", null, { trace: trace("b", { batchSize: 32 }) });
    expect(columnsOf([run("a", null), known])).toEqual(["run", "batch", "rate", "ended", "steps", "started"]);
  });

  it.each(["damaged", "unsupported"] as const)("know no start of what is %s", (status) => {
    const unread = run("a", null, { trace: trace("a", { status }) });
    expect(factOf(unread, "started")).toBeNull();
    expect([...startsOf([unread.trace, trace("a", { id: "s2/a" })]).keys()]).toEqual(["s2/a"]);
  });
});

describe("groups", () => {
  const grouped = (by: "optimizer" | "batch" | "regex", expression: string, traces: readonly Trace[]) =>
    looksOf(traces, ALL, compileGrouping(by, expression).nameOf!);

  it.each([
    ["sgd|adam", ["Adam", "sgd", "other"]],
    ["-bs(\\d+)", ["16", "32", "other"]],
    ["x*", ["other", "other", "other"]],
  ])("are named by what %s finds in the run", (expression, wanted) => {
    const looks = grouped(
      "regex",
      expression,
      ["Adam-bs16", "sgd-bs32", "rest"].map((name) => trace(name)),
    );
    expect([...looks.values()].map(({ group }) => group)).toEqual(wanted);
  });

  it("have a colour each, and different dashes within", () => {
    const optimizers = ["Adam", "SGD", "Adam", "Adam", null];
    const traces = optimizers.map((optimizer, index) => trace(`${index}`, { optimizer, started: index }));
    const looks = [...grouped("optimizer", "", traces).values()];
    const colors = looks.map(({ color }) => color);
    expect(colors).toEqual(["var(--run-0)", "var(--run-1)", "var(--run-0)", "var(--run-0)", "var(--run-unrelated)"]);
    const dashes = looks.filter(({ group }) => group === "Adam").map(({ dash }) => dash);
    expect(new Set(dashes).size).toBe(3);
    expect(looks[1]!.dash).toBe("");
  });

  it("keep their colours when a new one begins", () => {
    const [old, fresh] = [trace("z", { batchSize: 64, started: 1 }), trace("a", { batchSize: 8, started: 2 })];
    const colorOf = (traces: readonly Trace[]) => grouped("batch", "", traces).get(old.id)!.color;
    expect(colorOf([fresh, old])).toBe(colorOf([old]));
  });

  it("are listed by name as numbers, other runs last", () => {
    const looks = (group: string, color = "red") => run(group, null, { group, color });
    const runs = [looks("128"), looks("other", "var(--run-unrelated)"), looks("16"), looks("16")];
    expect(groupsOf(runs).map(({ name, runs: { length } }) => [name, length])).toEqual([
      ["16", 2],
      ["128", 1],
      ["other", 1],
    ]);
    expect(groupsOf([run("a", null)])).toEqual([]);
  });

  it("do without, in words, while the expression is not one", () => {
    expect(compileGrouping("regex", "adam(")).toMatchObject({
      nameOf: null,
      error: expect.stringMatching(/not a valid/),
    });
    expect(compileGrouping("regex", "")).toEqual({ nameOf: null, error: null });
  });
});

describe("the palette", () => {
  it("tells 35 runs apart, the first seven by colour alone", () => {
    const looks = Array.from({ length: 35 }, (_, place) => lookAt(place));
    expect(new Set(looks.map(({ color, dash }) => `${color} ${dash}`)).size).toBe(35);
    expect(looks.slice(0, 7).map(({ dash }) => dash)).toEqual(Array(7).fill(""));
    expect(looks.slice(7).every(({ dash }) => dash !== "")).toBe(true);
  });

  it("gives back the place a run had, and the first free one where somebody sits there", () => {
    const places = new Places([ALL]);
    const [a, b, c] = ["a", "b", "c"].map((name) => trace(name)) as [Trace, Trace, Trace];
    places.seat([a, b], []);
    places.seat([c], [b]);
    expect([a, b, c].map(({ id }) => places.of(id))).toEqual([0, 1, 0]);
    places.seat([a], [b, c]);
    expect(places.of(a.id)).toBe(2);
  });

  it("has one place for two runs that no view shows together", () => {
    const places = new Places([({ kind }) => kind === "range_test", ({ kind }) => kind === "training"]);
    const [test, training] = [trace("a"), trace("b", { kind: "training" })];
    places.seat([test, training], []);
    expect([test, training].map(({ id }) => places.of(id))).toEqual([0, 0]);
  });
});

describe("what stays the same", () => {
  it("is told from what changed, all the way down", () => {
    expect(isSame({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true);
    for (const other of [{ a: [1, { b: 0 }] }, { a: [1] }, { a: [1, { b: null }], c: 1 }, null]) {
      expect(isSame({ a: [1, { b: null }] }, other)).toBe(false);
    }
  });

  it("stays the same object, in the same list", () => {
    const before = [
      { id: "a", x: 1 },
      { id: "b", x: 1 },
    ];
    const again = (after: typeof before) => keep(before, after, ({ id }) => id, isAlike);
    expect(again(before.map((item) => ({ ...item })))).toBe(before);
    const moved = again([
      { id: "b", x: 1 },
      { id: "a", x: 2 },
    ]);
    expect(moved[0]).toBe(before[1]);
    expect(moved[1]).toEqual({ id: "a", x: 2 });
  });

  it("is every run but the one that grew", async () => {
    const server = new Server("s1/a", "s2/b");
    const state = new State();
    await state.refresh();
    const [a, b] = state.finder.runs.all.value;
    const shown = state.finder.runs.shown.value;
    await state.refresh();
    expect(state.finder.runs.shown.value).toBe(shown);
    server.values.get("s2/b")!.push(0.5);
    await state.refresh();
    expect(state.finder.runs.all.value[0]).toBe(a);
    expect(state.finder.runs.all.value[1]).not.toBe(b);
  });
});

describe("many runs", () => {
  const ids = Array.from({ length: 2000 }, (_, index) => `s${index}/same`);

  it("of one directory are told apart, and the first ten chosen, without waiting", async () => {
    new Server(...ids);
    const state = new State();
    await state.refresh();
    const started = performance.now();
    await state.refresh();
    expect(performance.now() - started).toBeLessThan(1000);
    expect(state.finder.runs.shown.value).toHaveLength(10);
    expect(state.finder.runs.all.value.every(({ start }) => start !== null)).toBe(true);
  });
});

describe("the choice of one run", () => {
  it("leaves those of other views alone", async () => {
    const server = new Server("s1/a", "s2/b");
    server.addSchedule("s3/training", { step: [0, 1], learning_rate: [1, 1] });
    const state = new State();
    await state.refresh();
    await state.selectOnly(
      "s2/b",
      state.finder.runs.all.value.map(({ trace: { id } }) => id),
    );
    expect(state.finder.runs.shown.value.map(({ trace: { id } }) => id)).toEqual(["s2/b"]);
    expect(state.schedules.runs.shown.value).toHaveLength(1);
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
