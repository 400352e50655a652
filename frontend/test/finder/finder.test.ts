import { beforeEach, describe, expect, it, vi } from "vitest";
import { State } from "../../src/app/state";
import { Server } from "../support/server";
import { A, B } from "../support/wire";

let server: Server;
let state: State;

beforeEach(() => {
  server = new Server(A);
  state = new State();
});

async function open(...settings: [string, string][]) {
  state.settings.take(new Map(settings));
  await state.refresh();
}

const only = () => {
  const [series, ...others] = state.views.finder.series.value;
  expect(others).toEqual([]);
  return series!;
};

describe("the slope", () => {
  beforeEach(() => server.slopes.set(A, [-1, -2, 4]));

  it("is asked for when it is shown, with its own smoothing, and drawn without dots and trials", async () => {
    server.fields.set(A, { trials: [{ learning_rate: 0.0031, steps: 100, value: 0.42 }] });
    await open();
    expect(server.asked("slopes")).toEqual([]);
    state.views.finder.setQuantity("slope");
    await state.settle();
    expect(server.queries("slopes")).toEqual([{ trace: A, sigma: "0.3" }]);
    expect(only()).toMatchObject({ quantity: "slope", column: "loss", step: null, trials: [], spread: null });
    expect(only().smoothed).toEqual(Float64Array.of(-1, -2, 4));
    expect(only().suggested).toEqual({ rate: 0.0031, lower: null });
    state.views.finder.setSigma(0.1);
    await state.settle();
    expect(server.queries("slopes").at(-1)!.sigma).toBe("0.1");
    expect(server.asked("curves")).toHaveLength(1);
  });

  it("keeps its smoothing between the least and the most, and a linear axis", async () => {
    await open(["y", "log"], ["show", "slope"]);
    state.views.finder.setSigma(7);
    expect(state.views.finder.sigma.value).toBe(1);
    state.views.finder.setSigma(0);
    expect(state.views.finder.sigma.value).toBe(0.03);
    expect(state.views.finder.sweepStyle.value.kinds).toEqual({ x: "log", y: "linear" });
    state.views.finder.setQuantity("value");
    expect(state.views.finder.sweepStyle.value.kinds.y).toBe("log");
  });
});

describe("the value", () => {
  it("is whatever the server says can be drawn of the shown runs, a person's own metrics by any name", async () => {
    server.values.set(B, [1, 2, 3]);
    server.fields.set(A, { values: ["loss", "accuracy", "residual_std", "momentum", "epoch"], monitor: "accuracy" });
    server.fields.set(B, { values: ["loss", "val_loss"] });
    await open();
    expect(state.views.finder.columns.value).toEqual([
      "loss",
      "accuracy",
      "residual_std",
      "momentum",
      "epoch",
      "val_loss",
    ]);
    expect(state.views.finder.monitored.value).toBeNull();
    await state.setSelected([A], false);
    expect(state.views.finder.columns.value).toEqual(["loss", "val_loss"]);
    await state.setSelected([A], true);
    await state.setSelected([B], false);
    expect(state.views.finder.monitored.value).toBe("accuracy");
  });

  it("is asked for by its name, and ends the zoom", async () => {
    await open();
    state.views.finder.zoomTo({ x: [1e-3, 1e-2], y: [0, 1] });
    server.forget();
    state.views.finder.setColumn("val_loss");
    await state.settle();
    expect(server.queries("curves")).toMatchObject([{ column: "val_loss" }]);
    expect(only().column).toBe("val_loss");
    expect(state.views.finder.zoom.value).toBeNull();
  });

  it("has a spread where it is a mean, smoothed as it is", async () => {
    server.columns.set(A, { spread: 0.5 });
    await open();
    expect(only().spread).toEqual(Float64Array.of(0.5, 0.5, 0.5));
  });

  it("has no place on a log axis at or below zero, which is said", async () => {
    server.values.set(A, [1, 0, -2, Number.NaN]);
    await open(["y", "log"]);
    expect(state.views.finder.notes.value).toEqual(["2 values at or below zero have no place on a log axis."]);
    state.views.finder.setOption("y", "linear");
    expect(state.views.finder.notes.value).toEqual([]);
  });

  it("says of a thinned curve only that there are at least so many", async () => {
    server.values.set(A, [1, 0]);
    server.long.add(A);
    await open(["y", "log"]);
    expect(state.views.finder.notes.value).toEqual(["At least 1 value at or below zero has no place on a log axis."]);
  });
});

describe("points at the ends", () => {
  it("are left out by the server, of curves and slopes", async () => {
    await open(["show", "slope"]);
    server.forget();
    state.views.finder.setOption("skipStart", 3);
    state.views.finder.setOption("skipEnd", 1);
    await state.settle();
    const wanted = { skip_start: "3", skip_end: "1" };
    expect(server.queries("curves").at(-1)!).toMatchObject(wanted);
    expect(server.queries("slopes").at(-1)!).toMatchObject(wanted);
    expect(server.asked("suggestions")).toEqual([]);
  });
});

describe("a long trace", () => {
  const windows = () => server.queries("curves").map(({ lower, upper }) => [lower, upper]);

  beforeEach(async () => {
    server.long.add(A);
    server.values.set(A, [5, 4, 3, 2, 1]);
    await open();
  });

  it("is smoothed by the server, once for each place of the slider", async () => {
    expect(server.asked("curves")).toHaveLength(1);
    expect(only().smoothed).toEqual(new Float64Array(5).fill(0.6));
    state.views.finder.setSmoothing(0.9);
    expect(only().smoothed).toEqual(new Float64Array(5).fill(0.6));
    await state.settle();
    expect(only().smoothed).toEqual(new Float64Array(5).fill(0.9));
    expect(server.asked("curves")).toHaveLength(2);
  });

  it("keeps what is drawn until a zoom is answered, and all of it for the way back", async () => {
    const zoom = { x: [5e-3, 2], y: [0, 9] } as const;
    state.views.finder.zoomTo(zoom);
    expect(only().values).toHaveLength(5);
    await state.settle();
    expect(windows()).toEqual([
      [undefined, undefined],
      ["0.005", "2"],
    ]);
    expect(only().values).toEqual(Float64Array.of(4, 3, 2));
    expect(only().overview.values).toHaveLength(5);
    state.views.finder.zoomTo(null);
    expect(only().values).toHaveLength(5);
    await state.settle();
    expect(server.asked("curves")).toHaveLength(2);
  });

  it("has one request under way, and after it the newest", async () => {
    const release = server.hold("curves");
    server.forget();
    state.views.finder.setSmoothing(0.1);
    await vi.waitFor(() => expect(server.asked("curves")).toHaveLength(1));
    server.holds.clear();
    for (const weight of [0.2, 0.3, 0.4]) {
      state.views.finder.setSmoothing(weight);
      await new Promise((resolve) => setTimeout(resolve));
    }
    release();
    await state.settle();
    expect(server.queries("curves").map(({ smoothing }) => smoothing)).toEqual(["0.1", "0.4"]);
    expect(only().smoothed[0]).toBe(0.4);
  });

  it("is not asked for again by a poll at which nothing changed", async () => {
    state.views.finder.zoomTo({ x: [1e-2, 1], y: [0, 9] });
    await state.settle();
    server.forget();
    await state.refresh();
    expect(server.requests).toEqual(["traces?known=v1"]);
  });

  it("does not come with other values than those that are drawn", async () => {
    state.views.finder.setColumn("val_loss");
    state.views.finder.setSmoothing(0.9);
    await state.settle();
    expect(only()).toMatchObject({ column: "val_loss" });
    expect(only().smoothed[0]).toBe(0.9);
  });
});

describe("an address", () => {
  it("leads to the same requests as choices by hand", async () => {
    await open(
      ["show", "slope"],
      ["value", "accuracy"],
      ["method", "steepest"],
      ["skip_start", "2"],
      ["smoothing", "0.2"],
    );
    expect(server.queries("curves")[0]!).toEqual({
      trace: A,
      column: "accuracy",
      skip_start: "2",
      max_points: "4000",
      smoothing: "0.2",
    });
    expect(server.queries("slopes")[0]!).toMatchObject({ column: "accuracy", skip_start: "2", sigma: "0.3" });
    expect(server.queries("suggestions")[0]!).toMatchObject({ method: "steepest" });
  });

  it("may change later, the view among all", async () => {
    server.addSchedule("s3/training", { step: [0, 1], learning_rate: [1, 2] });
    await open();
    server.forget();
    state.settings.take(new Map([["view", "schedules"]]));
    await state.settle();
    expect(server.asked("schedules")).toHaveLength(1);
    state.settings.take(
      new Map([
        ["view", "planner"],
        ["p_recipe", "cyclical"],
        ["p_fields", JSON.stringify({ total_steps: "77" })],
      ]),
    );
    await state.settle();
    expect(server.queries("recipe?").at(-1)!).toMatchObject({ name: "cyclical", total_steps: "77" });
    expect(state.views.planner.origin.value!.run).toBe("digits/adam");
  });

  it("may hold typed rates, which stay", async () => {
    await open(["view", "planner"], ["p_recipe", "one_cycle"], ["p_fields", JSON.stringify({ learning_rate: "0.5" })]);
    expect(server.queries("recipe?").at(-1)!).toMatchObject({ name: "one_cycle", learning_rate: "0.5" });
  });

  it.each([
    ["nothing", "null"],
    ["half of it", JSON.stringify({ x: [1, 2] })],
    ["the wrong way round", JSON.stringify({ x: [2, 1], y: [0, 1] })],
    ["words", JSON.stringify({ x: ["a", "b"], y: [0, 1] })],
  ])("with a zoom that is %s shows all", async (_, zoom) => {
    await open(["zoom", zoom]);
    expect(state.views.finder.zoom.value).toBeNull();
  });

  it("shows all where its zoom is none of its log axis", async () => {
    const zoom = JSON.stringify({ x: [1e-3, 1], y: [-1, 1] });
    await open(["zoom", zoom], ["y", "log"]);
    expect(state.views.finder.zoom.value).toBeNull();
    state.settings.take(new Map([["zoom", zoom]]));
    expect(state.views.finder.zoom.value).toEqual(JSON.parse(zoom));
  });

  it("is written from what was chosen", async () => {
    await open();
    state.views.finder.setOption("order", "nearest");
    state.views.finder.setOption("isTailIgnored", false);
    state.views.finder.zoomTo({ x: [1e-3, 1], y: [0, 1] });
    state.views.schedules.setXAxis("epoch");
    await state.planFrom(A);
    await state.views.planner.choose("one_cycle");
    expect(Object.fromEntries(state.settings.all.value)).toEqual({
      tooltip: "nearest",
      tail: "0",
      zoom: JSON.stringify({ x: [1e-3, 1], y: [0, 1] }),
      view: "planner",
      s_x: "epoch",
      p_run: A,
      p_recipe: "one_cycle",
    });
  });
});
