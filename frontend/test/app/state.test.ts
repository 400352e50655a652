import { describe, expect, it, vi } from "vitest";
import { State } from "../../src/app/state";
import { opened, refuse, Server, unreachable } from "../support/server";
import { A, B, manyIds } from "../support/wire";

/** What every request for curves ends with. */
const SAMPLED = "max_points=4000&smoothing=0.6";

async function loaded(...ids: string[]) {
  const server = new Server(...ids);
  const state = await opened();
  return { server, state };
}

const shown = (state: State) => state.views.finder.runs.shown.value.map(({ trace }) => trace.id);

describe("the first poll", () => {
  it("loads traces, curves and suggestions, each by the method that its test recorded", async () => {
    const { server, state } = await loaded(A, B);
    expect(server.requests).toEqual([
      "traces?known=",
      `curves?trace=${A}&trace=${B}&${SAMPLED}`,
      `suggestions?trace=${A}&trace=${B}`,
    ]);
    expect(state.views.finder.series.value.map(({ id }) => id)).toEqual([A, B]);
    expect(state.views.finder.series.value[0]).toMatchObject({
      suggested: { rate: 0.0031, lower: null },
      band: [0.0002, 0.011],
    });
  });

  it("selects all of ten runs and the first ten of more", async () => {
    const ids = manyIds(12);
    expect(shown((await loaded(...ids.slice(0, 10))).state)).toHaveLength(10);
    expect(shown((await loaded(...ids)).state)).toEqual(ids.slice(0, 10));
  });

  it("asks nothing about traces without rows", async () => {
    const server = new Server(A);
    server.values.set(A, []);
    const state = await opened();
    expect(server.requests).toEqual(["traces?known="]);
    expect(state.views.finder.series.value).toEqual([]);
  });

  it("takes trainings that swept for tests too, and leaves the others out", async () => {
    const C = "s3/training";
    const server = new Server(A, B, C);
    server.fields.set(A, { kind: "training", is_sweep: true });
    for (const id of [B, C]) server.fields.set(id, { kind: "training", is_sweep: false });
    const state = await opened();
    expect(shown(state)).toEqual([A]);
  });

  it("reports the server's own sentence when it refuses", async () => {
    const server = new Server(A);
    server.failure = refuse("Invalid argument: `logdir` must exist. Received: nothing.");
    const state = await opened();
    expect(state.runs.traces.value).toBeNull();
    expect(state.status.problem.value).toBe("`logdir` must exist. Received: nothing.");
  });
});

describe("a running test", () => {
  it("re-fetches only what grew", async () => {
    const { server, state } = await loaded(A, B);
    server.forget();
    server.values.get(B)!.push(0.5);
    await state.refresh();
    expect(server.requests).toEqual(["traces?known=v1", `curves?trace=${B}&${SAMPLED}`, `suggestions?trace=${B}`]);
    expect(state.views.finder.series.value[1]!.values).toEqual(Float64Array.of(3, 2, 1, 0.5));
  });

  it("re-fetches what changed its status", async () => {
    const { server, state } = await loaded(A, B);
    server.forget();
    server.fields.set(A, { status: "interrupted" });
    await state.refresh();
    expect(server.asked("curves")).toEqual([`curves?trace=${A}&${SAMPLED}`]);
  });

  it("re-fetches the suggestion that new trials may change", async () => {
    const { server, state } = await loaded(A, B);
    server.forget();
    server.fields.set(A, { trials: [{ learning_rate: 0.0031, steps: 100, value: 0.42 }] });
    await state.refresh();
    expect(server.requests).toEqual(["traces?known=v1", `suggestions?trace=${A}`]);
    expect(state.views.finder.series.value[0]!.trials).toEqual([{ learningRate: 0.0031, steps: 100, value: 0.42 }]);
  });

  it("asks for the list alone while nothing changes, and keeps the smoothed column", async () => {
    const { server, state } = await loaded(A);
    const before = state.views.finder.series.value[0]!.smoothed;
    const traces = state.runs.traces.value;
    server.forget();
    await state.refresh();
    expect(state.runs.traces.value).toBe(traces);
    expect(server.requests).toEqual(["traces?known=v1"]);
    expect(state.views.finder.series.value[0]!.smoothed).toBe(before);
  });

  it("shows a run that starts later, and keeps colours and choices", async () => {
    const { server, state } = await loaded(B);
    await state.setSelected([B], false);
    const color = state.views.finder.runs.all.value[0]!.color;
    server.values.clear();
    server.values.set(A, [1]);
    server.values.set(B, [3, 2, 1]);
    await state.refresh();
    expect(shown(state)).toEqual([A]);
    expect(state.views.finder.runs.all.value.find(({ trace }) => trace.id === B)!.color).toBe(color);
  });
});

describe("a failed poll", () => {
  it("keeps what is on screen, says so, and recovers", async () => {
    const { server, state } = await loaded(A);
    server.failure = unreachable;
    await state.refresh();
    expect(state.status.problem.value).toBe("TensorBoard does not answer.");
    expect(state.views.finder.series.value).toHaveLength(1);
    server.failure = null;
    await state.refresh();
    expect(state.status.problem.value).toBeNull();
  });

  it("tries again what a failure kept from loading", async () => {
    const { server, state } = await loaded(A);
    server.values.get(A)!.push(0.5);
    server.holds.set("curves", Promise.reject(new TypeError("Failed to fetch")));
    server.holds.get("curves")!.catch(() => {});
    const failing = state.refresh();
    server.holds.clear();
    server.failure = unreachable;
    await failing;
    server.failure = null;
    await state.refresh();
    expect(state.views.finder.series.value[0]!.values).toHaveLength(4);
  });
});

describe("selection", () => {
  it("fetches a run when it is first selected, and only then", async () => {
    const ids = manyIds(11);
    const { server, state } = await loaded(...ids);
    server.forget();
    await state.setSelected(["s/run-10"], true);
    expect(server.asked("curves")).toEqual([`curves?trace=s/run-10&${SAMPLED}`]);
    await state.setSelected(["s/run-10"], false);
    await state.setSelected(["s/run-10"], true);
    expect(server.asked("curves")).toHaveLength(1);
  });

  it("asks in several requests for many runs", async () => {
    const ids = manyIds(700);
    const { server, state } = await loaded(...ids);
    server.forget();
    await state.setSelected(ids, true);
    expect(server.asked("curves").length).toBeGreaterThan(1);
    expect(state.views.finder.series.value).toHaveLength(700);
  });
});

describe("the method", () => {
  it("is the one that each test recorded, until somebody chooses", async () => {
    const server = new Server(A, B);
    server.fields.set(B, { method: "steepest" });
    const state = await opened();
    const labels = () => state.views.finder.runs.all.value.map(({ method }) => method);
    expect(labels()).toEqual(["Recommended", "Steepest"]);
    expect(state.settings.all.value.has("method")).toBe(false);
    state.views.finder.setMethod("auto");
    await state.settle();
    expect(labels()).toEqual(["Recommended", "Recommended"]);
    expect(state.settings.all.value.get("method")).toBe("auto");
    state.views.finder.setMethod("");
    await state.settle();
    expect(labels()).toEqual(["Recommended", "Steepest"]);
    expect(state.settings.all.value.has("method")).toBe(false);
    expect(server.queries("suggestions").map(({ method }) => method)).toEqual([undefined, "auto", undefined]);
  });

  it("of an address is none where there is no such method", async () => {
    const server = new Server(A);
    const state = new State();
    state.settings.take(new Map([["method", "dowsing"]]));
    await state.refresh();
    expect(server.queries("suggestions")).toEqual([{ trace: A }]);
  });

  it("re-fetches suggestions and leaves the curves alone", async () => {
    const { server, state } = await loaded(A);
    server.forget();
    state.views.finder.setMethod("steepest");
    await state.settle();
    expect(server.requests).toEqual([`suggestions?trace=${A}&method=steepest`]);
    expect(state.views.finder.runs.all.value[0]!.suggestion!.reason).toBe("By steepest.");
  });

  it("asks for one choice after the other, and for none that was superseded meanwhile", async () => {
    const { server, state } = await loaded(A);
    server.forget();
    const release = server.hold("suggestions");
    state.views.finder.setMethod("steepest");
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    server.holds.clear();
    for (const method of ["auto", "steepest", "auto"]) state.views.finder.setMethod(method);
    release();
    await state.settle();
    expect(server.requests.map((request) => request.split("method=")[1])).toEqual(["steepest", "auto"]);
    expect(state.views.finder.runs.all.value[0]!.suggestion!.reason).toBe("By auto.");
    expect(state.status.problem.value).toBeNull();
  });
});

describe("the use", () => {
  const marked = (state: State) => state.views.finder.series.value[0]!.suggested;

  it("decides which rate is marked, without asking again", async () => {
    const { server, state } = await loaded(A);
    server.forget();
    state.views.finder.setUse("one_cycle");
    expect(marked(state)).toEqual({ rate: 0.0094, lower: null });
    state.views.finder.setUse("cyclical");
    expect(marked(state)).toEqual({ rate: 0.0094, lower: 0.0012 });
    state.views.finder.setUse("constant");
    expect(marked(state)).toEqual({ rate: 0.0031, lower: null });
    expect(server.requests).toEqual([]);
  });

  it("stays what it is where the wanted one is unknown", async () => {
    const { state } = await loaded(A);
    state.views.finder.setUse("cyclical");
    state.views.finder.setUse("cosine");
    expect(state.views.finder.use.value).toBe("cyclical");
  });

  it("marks nothing where the method has no such rate, and keeps the band", async () => {
    const { state } = await loaded(A);
    state.views.finder.setMethod("steepest");
    await state.settle();
    state.views.finder.setUse("cyclical");
    expect(state.views.finder.series.value[0]).toMatchObject({ suggested: null, band: [0.0002, 0.011] });
    expect(state.views.finder.runs.all.value[0]!.use).toBeNull();
  });
});

describe("trials", () => {
  const trained = async (monitor: string) => {
    const server = new Server(A);
    server.fields.set(A, { monitor, trials: [{ learning_rate: 0.0031, steps: 100, value: 0.42 }] });
    server.columns.set(A, { column: "val_accuracy", mode: "max" });
    return opened();
  };

  it("are drawn over what their test monitors, be it no loss", async () => {
    const state = await trained("val_accuracy");
    expect(state.views.finder.series.value[0]!.trials).toEqual([{ learningRate: 0.0031, steps: 100, value: 0.42 }]);
  });

  it("are not drawn over other values", async () => {
    const state = await trained("loss");
    expect(state.views.finder.runs.all.value[0]!.trace.trials).toHaveLength(1);
    expect(state.views.finder.series.value[0]!.trials).toEqual([]);
  });
});

describe("the filter", () => {
  it("narrows the list and the chart, ignoring case", async () => {
    const { state } = await loaded(A, B);
    state.runs.setFilter("SGD$");
    expect(shown(state)).toEqual([B]);
    expect(state.views.finder.series.value).toHaveLength(1);
  });

  it.each([
    ["width=64$", [A]],
    ["batch_size=(16|32)$", [B]],
    ["^baseline$", [B]],
    ["warmed up", [A]],
    ["aug=true", [A]],
  ])("finds %s in a setting, a tag or a note", async (text, wanted) => {
    const { state, server } = await loaded(A, B);
    server.fields.set(A, { settings: { width: 64, batch_size: 320, aug: true }, note: "Warmed up first." });
    server.fields.set(B, { settings: { width: 640, batch_size: 32 }, tags: ["baseline", "old"] });
    await state.refresh();
    state.runs.setFilter(text);
    expect(shown(state)).toEqual(wanted);
  });

  it("lets everything through, with words, while it is not an expression", async () => {
    const { state } = await loaded(A, B);
    state.runs.setFilter("adam(");
    expect(state.views.finder.runs.listed.value).toHaveLength(2);
    expect(state.runs.compiledFilter.value.error).toMatch(/not a valid regular expression/);
  });

  it.each([
    ["(a?){900}".repeat(20), "This expression takes too long; all runs are listed."],
    ["a".repeat(1_001), "This expression has more than 1000 characters; all runs are listed."],
    ["(?<=a)d*", "Look-behind, back-references and modifiers are not supported; all runs are listed."],
  ])("lets everything through, in words, for what it cannot look for: %s", async (text, words) => {
    const { state } = await loaded(A, B);
    state.runs.setFilter(text);
    expect(state.runs.compiledFilter.value.error).toBe(words);
    expect(shown(state)).toEqual([A, B]);
  });

  it("answers at once what would freeze a browser, and goes on when runs are added", async () => {
    const { state, server } = await loaded(`s/${"a".repeat(60)}!`);
    state.runs.setFilter("^(a+)+$");
    expect(shown(state)).toEqual([]);
    server.values.set("s/aaa", [1]);
    await state.refresh();
    expect(shown(state)).toEqual(["s/aaa"]);
  });
});

describe("smoothing", () => {
  it("moves the line and stays between 0 and 0.99", async () => {
    const { state } = await loaded(A);
    state.views.finder.setSmoothing(0);
    expect(state.views.finder.series.value[0]!.smoothed).toEqual(Float64Array.of(3, 2, 1));
    state.views.finder.setSmoothing(7);
    expect(state.views.finder.smoothing.value).toBe(0.99);
    state.views.finder.setSmoothing(Number.NaN);
    expect(state.views.finder.smoothing.value).toBe(0.99);
  });
});

describe("names", () => {
  it("add the start only where a run has several traces", async () => {
    const { state } = await loaded("s1/twice", "s2/twice", "s3/unique");
    const [first, second, third] = state.views.finder.runs.all.value;
    expect(first!.label).toMatch(/^twice · .*\d\d:\d\d:\d\d/);
    expect(second!.apart).not.toBeNull();
    expect(third!.label).toBe("unique");
  });
});
