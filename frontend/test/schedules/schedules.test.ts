import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { State } from "../../src/app/state";
import { opened, Server } from "../support/server";
import { A, TRAINING } from "../support/wire";

const TEST = "t/test";
let server: Server;
let state: State;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 0 });
  server = new Server(TEST);
  server.addSchedule(A, TRAINING, {}, [{ step: 2, text: "Drop: 0.1 → 0.01 at epoch 1" }]);
  for (const run of ["digits/adam/validation", "elsewhere"]) {
    server.addScalar(run);
  }
  state = await opened();
});

afterEach(() => {
  vi.useRealTimers();
});

const open = () => state.setView("schedules");
const shown = () => state.views.schedules.lines.value.map(({ id }) => id);

describe("the Schedules view", () => {
  it("asks for nothing before it is opened, and for nothing of the finder then", async () => {
    expect(server.requests).toEqual([
      "traces?known=",
      `curves?trace=${TEST}&max_points=4000&smoothing=0.6`,
      `suggestions?trace=${TEST}`,
      `pairs?trace=${TEST}`,
    ]);
    server.forget();
    await open();
    expect(server.requests.sort()).toEqual([`pairs?trace=${A}`, "scalars", `schedules?trace=${A}`]);
    expect(shown()).toEqual([A]);
    expect(state.views.schedules.runs.all.value.map(({ trace }) => trace.id)).toEqual([A]);
    expect(state.views.finder.runs.all.value.map(({ trace }) => trace.id)).toEqual([TEST]);
  });

  it("lists trainings and plans; a training that swept is in both views, in one colour", async () => {
    server.addSchedule("p/plan", { step: [0, 1], learning_rate: [1, 2] }, { kind: "plan" });
    server.addSchedule("s2/swept", TRAINING, { is_sweep: true });
    await state.refresh();
    await open();
    expect(shown()).toEqual([A, "p/plan", "s2/swept"]);
    const swept = (runs: readonly { trace: { id: string }; color: string }[]) =>
      runs.find(({ trace }) => trace.id === "s2/swept")!.color;
    expect(swept(state.views.schedules.runs.all.value)).toBe(swept(state.views.finder.runs.all.value));
  });

  it("re-fetches only what grew", async () => {
    server.addSchedule("s2/done", TRAINING);
    await state.refresh();
    await open();
    server.forget();
    const grown = Object.entries(TRAINING).map(([name, column]) => [name, [...column, 104]]);
    server.addSchedule(A, Object.fromEntries(grown), { status: "running" });
    await state.refresh();
    // A change of any status may be that of a pair.
    const pairs = `pairs?trace=${A}&trace=s2/done`;
    expect(server.requests).toEqual(["traces?known=v2", `schedules?trace=${A}`, pairs]);
  });

  it("selects up to ten of its own, however many tests there are", async () => {
    const many = Array.from({ length: 12 }, (_, index) => `t/test ${index}`);
    const crowded = new Server(...many);
    for (let index = 0; index < 12; index++) crowded.addSchedule(`s/training ${index}`, TRAINING);
    const fresh = await opened();
    expect(fresh.views.finder.runs.shown.value).toHaveLength(10);
    expect(fresh.views.schedules.runs.shown.value).toHaveLength(10);
  });
});

describe("the overlay", () => {
  const overlays = () => state.views.schedules.overlays.value.map(({ run, lineId }) => [run, lineId]);

  it("offers every tag once, and draws none at first", async () => {
    await open();
    expect(state.views.schedules.tags.value).toEqual(["epoch_loss"]);
    expect(overlays()).toEqual([]);
    expect(server.asked("scalar?")).toEqual([]);
  });

  it("is fetched for every run that has the tag", async () => {
    await open();
    state.views.schedules.setTag("epoch_loss");
    await state.settle();
    expect(server.asked("scalar?")).toEqual([
      "scalar?run=digits/adam/validation&tag=epoch_loss",
      "scalar?run=elsewhere&tag=epoch_loss",
    ]);
    expect(overlays()).toEqual([["digits/adam/validation", A]]);
    expect(state.views.schedules.overlays.value[0]!.xs).toEqual(Float64Array.of(1, 3));
    expect(state.views.schedules.notes.value).toHaveLength(1);
    state.views.schedules.setXAxis("epoch");
    expect(overlays()).toEqual([
      ["digits/adam/validation", A],
      ["elsewhere", null],
    ]);
    expect(state.views.schedules.notes.value).toEqual([]);
  });

  it("goes with the run it belongs to", async () => {
    await open();
    state.views.schedules.setTag("epoch_loss");
    await state.settle();
    await state.setSelected([A], false);
    expect(overlays()).toEqual([]);
  });

  it("leaves out a malformed scalar, in words, and keeps the others", async () => {
    server.scalars[1] = { ...server.scalars[0]!, run: "digits/adam", values: [1] };
    await open();
    state.views.schedules.setTag("epoch_loss");
    await state.settle();
    expect(overlays()).toEqual([["digits/adam/validation", A]]);
    expect(state.views.schedules.notes.value).toEqual([
      "epoch_loss of digits/adam cannot be drawn. The server's answer is malformed: scalar must be columns of one length. " +
        "Received: [2,2,1].",
    ]);
    expect(state.status.problem.value).toBeNull();
  });

  it("is asked for again with every poll, the list of scalars only now and then", async () => {
    await open();
    state.views.schedules.setTag("epoch_loss");
    await state.settle();
    server.forget();
    server.scalars[0]!.steps.push(2);
    server.scalars[0]!.wall_times.push(105);
    server.scalars[0]!.values.push(0.5);
    await state.refresh();
    expect(server.asked("scalar?")).toHaveLength(2);
    expect(server.asked("scalars")).toEqual([]);
    expect(state.views.schedules.overlays.value[0]!.values).toEqual(Float64Array.of(2, 1, 0.5));
    vi.setSystemTime(11_000);
    await state.refresh();
    expect(server.asked("scalars")).toHaveLength(1);
  });
});

describe("the zoom", () => {
  const zoom = { x: [1, 2], y: [0.01, 0.1], right: [1, 2] } as const;

  beforeEach(async () => {
    await open();
    state.views.schedules.zoomTo(zoom);
  });

  it("ends with the axis that it was made on", async () => {
    state.views.schedules.setYScale("linear");
    expect(state.views.schedules.zoom.value).toEqual({ ...zoom, y: null });
    state.views.schedules.setTag("epoch_loss");
    await state.settle();
    expect(state.views.schedules.zoom.value).toEqual({ ...zoom, y: null, right: null });
    state.views.schedules.setXAxis("wall");
    expect(state.views.schedules.zoom.value).toBeNull();
  });

  it("stays where an axis is unknown", () => {
    state.views.schedules.setXAxis("fortnights");
    expect(state.views.schedules.xAxis.value).toBe("step");
  });
});

describe("the axis and the smoothing of the scalar", () => {
  beforeEach(async () => {
    await open();
    state.views.schedules.setTag("epoch_loss");
    await state.settle();
  });

  it("are in the address, and the raw values stay", () => {
    const { schedules } = state.views;
    expect(schedules.overlays.value[0]!.smoothed).toBe(schedules.overlays.value[0]!.values);
    schedules.setTagScale("log");
    schedules.setSmoothing(0.999);
    expect(state.settings.all.value.get("s_tag_y")).toBe("log");
    expect(state.settings.all.value.get("s_smoothing")).toBe("0.999");
    const [overlay] = schedules.overlays.value;
    expect(overlay!.values).toEqual(Float64Array.of(2, 1));
    expect(overlay!.smoothed[1]).toBeCloseTo((0.999 * 2 + 1) / 1.999, 12);
  });

  it("have a weight between 0 and 0.999, as TensorBoard's", () => {
    const { schedules } = state.views;
    schedules.setSmoothing(1);
    expect(schedules.smoothing.value).toBe(0.999);
    schedules.setSmoothing(-1);
    schedules.setSmoothing(Number.NaN);
    expect(schedules.smoothing.value).toBe(0);
  });

  it("end the zoom that was made on another axis", () => {
    const zoom = { x: [1, 2], y: [0.01, 0.1], right: [1, 2] } as const;
    state.views.schedules.zoomTo(zoom);
    state.views.schedules.setTagScale("log");
    expect(state.views.schedules.zoom.value).toEqual({ ...zoom, right: null });
  });
});

describe("the lines of many schedules", () => {
  it("look different from each other and from their plans, once the colours are used up", async () => {
    const crowded = new Server();
    for (let index = 0; index < 10; index++) crowded.addSchedule(`s/training ${index}`, TRAINING);
    for (let index = 0; index < 10; index++) crowded.addSchedule(`p/plan ${index}`, TRAINING, { kind: "plan" });
    const fresh = await opened();
    await fresh.setView("schedules");
    const { runs, lines } = fresh.views.schedules;
    await fresh.setSelected(
      runs.all.value.map(({ trace }) => trace.id),
      true,
    );
    const looks = lines.value.map(({ color, dash }) => `${color} ${dash}`);
    expect(new Set(looks).size).toBe(20);
    const dashesOf = (isPlan: boolean) => lines.value.filter((line) => line.isPlan === isPlan).map(({ dash }) => dash);
    expect(dashesOf(true).filter((dash) => dash === "" || dashesOf(false).includes(dash))).toEqual([]);
  });
});
