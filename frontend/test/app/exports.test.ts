import { beforeEach, describe, expect, it } from "vitest";
import { State } from "../../src/app/state";
import { exportFinder } from "../../src/finder/exports";
import { exportRecipe } from "../../src/planner/exports";
import { documentOf, tableOf } from "../../src/runs/exportTable";
import { exportSchedules } from "../../src/schedules/exports";
import { Server } from "../support/server";
import { A, B, probeJson, USES } from "../support/wire";

const SGD = "s3/train/sgd";
let server: Server;
let state: State;

beforeEach(() => {
  state = new State();
});

describe("the numbers of the LR Finder view", () => {
  beforeEach(async () => {
    server = new Server(A, B);
    server.values.set(A, [3, 2, 1]);
    server.columns.set(B, { column: "val_accuracy", mode: "max" });
    server.values.set(B, [0.1, 0.3, Number.NaN]);
    server.suggestions.set(B, { edge: null, edge_ratio: null });
    await state.refresh();
    state.views.finder.setSmoothing(0);
  });

  it("are a row per point, each value under its own name", () => {
    expect(tableOf(exportFinder(state.views.finder, state.settings).blocks)).toEqual([
      ["run", "session", "blow_up_edge", "step", "learning_rate", "loss", "smoothed", "val_accuracy"],
      ["digits/adam", "s1", 0.032, 0, 0.001, 3, 3, ""],
      ["digits/adam", "s1", 0.032, 1, 0.01, 2, 2, ""],
      ["digits/adam", "s1", 0.032, 2, 0.1, 1, 1, ""],
      ["digits/sgd", "s2", "", 0, 0.001, "", 0.1, 0.1],
      ["digits/sgd", "s2", "", 1, 0.01, "", 0.3, 0.3],
      ["digits/sgd", "s2", "", 2, 0.1, "", Number.NaN, Number.NaN],
    ]);
  });

  it("have a column for each setting that differs", async () => {
    server.fields.set(A, { settings: { width: 64, run: 1, same: 2, wide: true } });
    server.fields.set(B, { settings: { width: 128, run: 2, same: 2, wide: false } });
    await state.refresh();
    const [head, first] = tableOf(exportFinder(state.views.finder, state.settings).blocks);
    expect(head!.slice(0, 5)).toEqual(["run", "session", "width", "wide", "blow_up_edge"]);
    expect(first!.slice(0, 5)).toEqual(["digits/adam", "s1", 64, "true", 0.032]);
  });

  it("end where the rates that are shown end, whatever their values", () => {
    state.views.finder.zoomTo({ x: [0.01, 0.05], y: [0, 1] });
    const [, ...rows] = tableOf(exportFinder(state.views.finder, state.settings).blocks);
    expect(rows.map(([run, , , step]) => [run, step])).toEqual([
      ["digits/adam", 1],
      ["digits/sgd", 1],
    ]);
  });

  it("come with suggestions and settings where there is room for them", () => {
    state.runs.groups.setBy("optimizer");
    state.views.finder.setUse("cyclical");
    const { facts, blocks, legend, title } = exportFinder(state.views.finder, state.settings);
    const settings = { view: "finder", group: "optimizer", use: "cyclical", smoothing: "0" };
    expect(facts).toEqual({ settings, smoothing: 0, zoom: null });
    expect(documentOf(blocks)[0]).toEqual({
      run: "digits/adam",
      session: "s1",
      blow_up_edge: 0.032,
      settings: { optimizer: "Adam", batch_size: 32 },
      column: "loss",
      mode: "min",
      suggestion: {
        method: "auto",
        learning_rate: 0.0031,
        lower: 0.0002,
        upper: 0.011,
        confidence: "sure",
        use: { name: "cyclical", learning_rate: USES[2]!.learning_rate, lower: USES[2]!.lower },
      },
      columns: { step: [0, 1, 2], learning_rate: [0.001, 0.01, 0.1], loss: [3, 2, 1], smoothed: [3, 2, 1] },
    });
    expect(legend.map(({ label, note }) => [label, note])).toEqual([
      ["digits/adam", "0.0012 – 0.0094, edge 0.032"],
      ["digits/sgd", "0.0012 – 0.0094"],
      ...["smoothed", "recorded", "suggested rate", "usable band", "blow-up edge"].map((mark) => [mark, ""]),
    ]);
    expect(title).toBe("Value against learning rate");
  });
});

describe("the numbers of the Schedules view", () => {
  beforeEach(async () => {
    server = new Server();
    const columns = {
      step: [0, 10, 40],
      learning_rate: [0.1, 0.1, 0.01],
      epoch: [0, 1, 4],
      wall_time: [100, 110, 140],
    };
    server.addSchedule(SGD, columns, { run: "train/sgd" }, [{ step: 40, text: "Drop" }]);
    server.addSchedule("p/plan", { step: [0, 40], learning_rate: [0.2, 0.1] }, { run: "z-plan", kind: "plan" });
    server.addScalar("train/sgd", "val_loss", { wall_times: [110, 120], values: [3, null] });
    await state.refresh();
    await state.setView("schedules");
    state.views.schedules.setTag("val_loss");
    await state.settle();
  });

  it("have rows for schedules, and rows for the scalar where it stands", () => {
    expect(tableOf(exportSchedules(state.views.schedules, state.settings, null).blocks)).toEqual([
      ["run", "session", "tag", "step", "epoch", "wall_time", "learning_rate", "value"],
      ["train/sgd", "s3", "", 0, 0, 100, 0.1, ""],
      ["train/sgd", "s3", "", 10, 1, 110, 0.1, ""],
      ["train/sgd", "s3", "", 40, 4, 140, 0.01, ""],
      ["z-plan", "p", "", 0, "", "", 0.2, ""],
      ["z-plan", "p", "", 40, "", "", 0.1, ""],
      ["train/sgd", "", "val_loss", 10, "", "", "", 3],
      ["train/sgd", "", "val_loss", 20, "", "", "", Number.NaN],
    ]);
  });

  it("have rows for probes, with nothing where they found nothing", () => {
    expect(exportSchedules(state.views.schedules, state.settings, null).blocks).toHaveLength(3);
    server.addProbes(SGD, [10, 20]);
    server.probes.get(SGD)![1] = probeJson("p20/train/sgd/probes", 20, { suggestion: null, confidence: null });
    return state.refresh().then(() => {
      const { blocks, legend } = exportSchedules(state.views.schedules, state.settings, null);
      const [head, ...rows] = tableOf(blocks);
      expect(head!.slice(3)).toEqual([
        ...[
          "step",
          "epoch",
          "wall_time",
          "learning_rate",
          "suggestion",
          "lower",
          "upper",
          "edge",
          "confidence",
          "value",
        ],
      ]);
      expect(rows.slice(5, 7)).toEqual([
        ["train/sgd/probes", "s3", "", 10, 5, 110, 0.1, 0.05, 0.01, 0.2, 0.4, "likely", ""],
        ["train/sgd/probes", "s3", "", 20, 10, 120, 0.1, "", 0.01, 0.2, 0.4, "", ""],
      ]);
      expect(documentOf(blocks)[2]).toMatchObject({
        run: "train/sgd/probes",
        training: "train/sgd",
        sentences: server.probeSentences,
        columns: { suggestion: [0.05, null], confidence: ["likely", null] },
      });
      expect(legend.map(({ label }) => label)).toContain("usable band");
    });
  });

  it("hold both ends of a line through what is shown", () => {
    state.views.schedules.zoomTo({ x: [15, 30], y: null, right: null });
    const [, ...rows] = tableOf(exportSchedules(state.views.schedules, state.settings, null).blocks);
    expect(rows.map(([run, , tag, step]) => [run, tag, step])).toEqual([
      ["train/sgd", "", 10],
      ["train/sgd", "", 40],
      ["z-plan", "", 0],
      ["z-plan", "", 40],
      ["train/sgd", "val_loss", 20],
    ]);
  });

  it("have the smoothed scalar beside its values, where it is drawn so", () => {
    state.views.schedules.setSmoothing(0.5);
    const [head, ...rows] = tableOf(exportSchedules(state.views.schedules, state.settings, null).blocks);
    expect(head!.slice(-2)).toEqual(["value", "smoothed"]);
    expect(rows[5]!.slice(-2)).toEqual([3, 3]);
  });

  it("have the axis among their columns", () => {
    state.views.schedules.setXAxis("relative");
    const [head, ...rows] = tableOf(exportSchedules(state.views.schedules, state.settings, null).blocks);
    const place = head!.indexOf("relative_time");
    expect(rows.map((row) => row[place])).toEqual([0, 10, 40, 10, 20]);
  });

  it("tell lines apart in the legend, and why rates changed", () => {
    const { legend, blocks } = exportSchedules(state.views.schedules, state.settings, null);
    expect(legend.map(({ label, dash, width }) => [label, dash, width])).toEqual([
      ["train/sgd", "", 2],
      ["z-plan", "12 5", 2],
      ["train/sgd: val_loss", "", 1.25],
    ]);
    expect(documentOf(blocks)[0]).toMatchObject({ kind: "training", rate_changes: [{ step: 40, text: "Drop" }] });
  });
});

it("saves a schedule with the code that builds it, and the one kept for comparison", async () => {
  server = new Server(A);
  await state.refresh();
  await state.setView("planner");
  const { planner } = state.views;
  await planner.choose("constant");
  expect(exportRecipe(planner, state.settings).blocks).toHaveLength(1);
  await planner.keep(true);
  await planner.choose("one_cycle");
  const { title, blocks, legend } = exportRecipe(planner, state.settings);
  expect(title).toBe("one_cycle at 0.0188");
  expect(tableOf(blocks)).toEqual([
    ["schedule", "step", "learning_rate"],
    ["one_cycle at 0.0188", 0, 0.0094],
    ["one_cycle at 0.0188", 1, 0.0188],
    ["one_cycle at 0.0188", 2, 0.0094],
    ["constant at 0.0062 (kept)", 0, 0.0031],
    ["constant at 0.0062 (kept)", 1, 0.0062],
    ["constant at 0.0062 (kept)", 2, 0.0031],
  ]);
  expect(documentOf(blocks)).toMatchObject([
    { code: 'build("one_cycle")', margin: "0.0188 of 0.032." },
    { code: 'build("constant")', margin: "0.0062 of 0.032." },
  ]);
  expect(legend.map(({ label }) => label)).toEqual([
    "one_cycle at 0.0188",
    "constant at 0.0062 (kept)",
    "blow-up edge 0.032",
  ]);
});
