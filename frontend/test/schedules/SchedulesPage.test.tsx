// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../src/app/state";
import { act, all, choose, click, enter, find, mount, poll, press, settle, texts, unmount } from "../support/page";
import { Server } from "../support/server";
import { A, TRAINING } from "../support/wire";

const PLAN = "p/plan";
const DROP = "ReduceLROnPlateau: 0.1 → 0.01 at epoch 1";
let server: Server;
let state: State;

beforeEach(() => {
  server = new Server();
  state = mount();
});

afterEach(unmount);

async function open() {
  await state.refresh();
  await click(document.querySelector("[data-testid=view][value=schedules]"));
}

const select = (id: string, value: string) => enter(find(id), value);

describe("without schedules", () => {
  it("says how to record one and how to plan one", async () => {
    await open();
    expect(find("state-empty")!.textContent).toContain('callbacks=[LRRecorder("logs/run")]');
    expect(find("state-empty")!.textContent).toContain('plan(schedule, steps, "logs/plan")');
    expect(find("state-empty")!.textContent).toContain("writer.record(optimizer, loss=loss)");
  });

  it("waits for the first rows of one that runs", async () => {
    server.addSchedule(A, { step: [] }, { status: "running" });
    await open();
    expect(document.body.textContent).toContain("Waiting for the first batch");
  });
});

describe("the chart of schedules", () => {
  beforeEach(async () => {
    server.addSchedule(A, TRAINING, { driver: "ReduceLROnPlateau", optimizer: "Adam" }, [{ step: 2, text: DROP }]);
    const rates = { step: [0, 1, 2, 3], learning_rate: [0.1, 0.2, 0.1, 0.05] };
    server.addSchedule(PLAN, rates, { kind: "plan", optimizer: null, batch_size: null });
    server.addScalar("digits/adam/train");
    server.addScalar("digits/adam/validation");
    server.addScalar("elsewhere");
    await open();
  });

  it("draws what happened as a line and a plan dashed, and says which is the plan", () => {
    expect(all("schedule-line").map(({ dataset }) => [dataset.id, dataset.kind])).toEqual([
      [A, "training"],
      [PLAN, "plan"],
    ]);
    expect(all("schedule-line").map((line) => line.closest("g")!.getAttribute("class"))).toEqual(["run", "run plan"]);
    expect(texts("[data-testid=run-row] .run-meta")).toEqual(["ReduceLROnPlateau · Adam · batch 32", "plan"]);
    expect(find("schedule-chart")!.getAttribute("aria-label")).toContain("plan (planned)");
  });

  it("marks where the rate changed, with words", () => {
    const mark = find("schedule-mark")!;
    expect(mark.dataset).toMatchObject({ id: A, step: "2" });
    expect(mark.getAttribute("aria-label")).toBe(DROP);
    expect(mark.querySelector("title")!.textContent).toBe(DROP);
    expect(find("schedule-label")!.textContent).toBe(`digits/adam: ${DROP}`);
  });

  it("lists every schedule in numbers and words", () => {
    const [row, plan] = all("schedule-row");
    expect(texts("td", row)).toEqual(["digits/adam", "ReduceLROnPlateau", "4", "0.1", "0.1", "0.01", DROP]);
    expect(plan!.querySelector(".schedule-run")!.textContent).toBe("planplan");
    expect(plan!.querySelector(".schedule-changes")!.textContent).toBe("None.");
  });

  it("folds a long list of changes", async () => {
    const changes = Array.from({ length: 10 }, (_, step) => ({ step, text: `Change ${step}` }));
    server.addSchedule(A, TRAINING, { rows: 5 }, changes);
    await poll(state);
    expect(find("schedule-row")!.querySelector("summary")!.textContent).toBe("7 more");
    expect(find("schedule-row")!.querySelectorAll("li")).toHaveLength(10);
  });

  it("stands over steps, epochs and times", async () => {
    const seen: Record<string, unknown> = {};
    for (const axis of ["epoch", "wall", "relative", "step"]) {
      await select("x-axis", axis);
      seen[axis] = [find("schedule-chart")!.dataset.xDomain, all("schedule-line").length, all("schedule-note").length];
    }
    expect(seen).toEqual({
      epoch: ["0.5,2", 1, 1],
      wall: ["100,103", 1, 1],
      relative: ["0,3", 1, 1],
      step: ["0,3", 2, 0],
    });
  });

  it("has a log and a linear axis of rates", async () => {
    const lowest = () => Number(find("schedule-chart")!.dataset.yDomain!.split(",")[0]);
    expect(lowest()).toBeGreaterThan(0);
    await choose("y-scale", "linear");
    expect(lowest()).toBeLessThanOrEqual(0);
  });

  it("lays a scalar over it, on an axis of its own", async () => {
    expect(find("right-axis")).toBeNull();
    await select("overlay", "epoch_loss");
    expect(all("overlay-line").map(({ dataset }) => [dataset.run, dataset.tag])).toEqual([
      ["digits/adam/train", "epoch_loss"],
      ["digits/adam/validation", "epoch_loss"],
    ]);
    const colors = new Set(all("overlay-line").map((line) => line.closest("g")!.style.stroke));
    expect([...colors]).toEqual([find("schedule-line")!.closest("g")!.style.stroke]);
    expect(find("right-axis")!.textContent).toContain("epoch_loss");
    expect(document.querySelector(".legend")!.textContent).toContain("digits/adam/validation");
    expect(find("schedule-note")!.textContent).toContain("elsewhere");
    await select("x-axis", "epoch");
    expect(all("overlay-line")).toHaveLength(3);
    await select("overlay", "");
    expect(find("overlay-line")).toBeNull();
  });

  it("draws the line of the pinned run heavier, and that run first", async () => {
    await click(all("pin")[1]!);
    expect(all("schedule-line").map(({ dataset }) => dataset.id)).toEqual([PLAN, A]);
    expect(document.querySelectorAll(".run.pinned")).toHaveLength(1);
  });

  it("lays several scalars over it, each with its own dash, and those of another range not on the axis", async () => {
    server.addScalar("digits/adam/train", "val_loss", { values: [2.2, 1.2] });
    server.addScalar("digits/adam/train", "accuracy", { values: [0.5, 0.9] });
    await settle(20_000);
    await act(() => state.refresh());
    expect(find("overlay-more")).toBeNull();
    await select("overlay", "epoch_loss");
    expect(texts("option", find("overlay-more")!)).toEqual(["and …", "accuracy", "val_loss"]);
    await select("overlay-more", "val_loss");
    await enter(all("overlay-more")[1]!, "accuracy");
    expect(state.settings.all.value.get("s_tag")).toBe("epoch_loss\nval_loss\naccuracy");
    expect(all("overlay-more")).toHaveLength(2);
    const lines = all("overlay-line");
    expect(lines.map(({ dataset }) => dataset.tag)).toEqual(["epoch_loss", "epoch_loss", "val_loss", "accuracy"]);
    expect(new Set(lines.map(({ style }) => style.strokeDasharray)).size).toBe(4);
    expect(find("right-axis")!.textContent).toContain("epoch_loss, val_loss");
    expect(all("overlay-legend").map((list) => list.querySelector("li")!.textContent)).toEqual([
      "epoch_loss, on the right axis:",
      "val_loss, on the right axis:",
      "accuracy, not on the axis, from 0.48 at the bottom to 0.95 at the top:",
    ]);
    await press("End", document.querySelector(".plot"));
    const heads = texts("[data-testid=tooltip] th");
    for (const tag of ["epoch_loss", "val_loss", "accuracy"]) expect(heads).toContain(tag);
    await select("overlay", "");
    expect(find("right-axis")!.textContent).toContain("val_loss");
    expect(state.settings.all.value.get("s_tag")).toBe("val_loss\naccuracy");
  });

  it("draws the scalar on a log axis, and smoothed over its raw values", async () => {
    expect(find("overlay-scale")).toBeNull();
    await select("overlay", "epoch_loss");
    expect(find("right-axis")!.textContent).not.toContain("(log)");
    await choose("overlay-scale", "log");
    expect(find("right-axis")!.textContent).toContain("epoch_loss (log)");
    const before = find("overlay-line")!.getAttribute("d");
    expect(find("overlay-raw")).toBeNull();
    await enter(find("overlay-smoothing"), "0.6", "input");
    expect(find("overlay-line")!.getAttribute("d")).not.toBe(before);
    expect(find("overlay-raw")!.getAttribute("d")).toBe(before);
    await press("End", document.querySelector(".plot"));
    expect(texts("[data-testid=tooltip] th")).toContain("Smoothed");
  });

  it("reads rates and scalars at one place", async () => {
    await select("overlay", "epoch_loss");
    await press("Home", document.querySelector(".plot"));
    await press("ArrowRight", document.querySelector(".plot"));
    expect(find("tooltip")!.textContent).toContain("Step 0");
    expect(all("tooltip-row").map(({ dataset }) => [dataset.id, dataset.step])).toEqual([
      [A, "0"],
      [PLAN, "0"],
    ]);
    await press("End", document.querySelector(".plot"));
    expect(texts("[data-testid=tooltip-row] .name")).toEqual([
      "digits/adam",
      "plan",
      "digits/adam/train",
      "digits/adam/validation",
    ]);
    await press("Escape", document.querySelector(".plot"));
    expect(find("tooltip")).toBeNull();
  });

  it("zooms rates and scalar together, and resets", async () => {
    state.views.schedules.zoomTo({ x: [1, 2], y: [0.02, 0.2], right: [1.2, 1.4] });
    await select("overlay", "epoch_loss");
    expect(find("schedule-chart")!.dataset).toMatchObject({ xDomain: "1,2", yDomain: "0.02,0.2" });
    await click(find("reset-zoom"));
    expect(find("schedule-chart")!.dataset.xDomain).toBe("0,3");
    expect(find("reset-zoom")).toBeNull();
  });

  it("filters a long menu of scalars, and keeps the chosen one in it", async () => {
    expect(find("overlay-filter")).toBeNull();
    await select("overlay", "epoch_loss");
    for (let index = 0; index < 20; index++) server.addScalar("elsewhere", `layer_${index}/norm`);
    await settle(20_000);
    await poll(state);
    await enter(find("overlay-filter"), "LAYER_1/", "input");
    expect(texts("option", find("overlay")!)).toEqual(["None", "epoch_loss", "layer_1/norm"]);
  });

  it("says in words that no run is chosen, and what cannot be read", async () => {
    await act(() => state.setSelected([A, PLAN], false));
    expect(find("state-none-selected")!.textContent).toContain("No run selected");
    expect(find("schedule-row")).toBeNull();
  });

  it("offers the runs that a filter finds, where none of them is chosen", async () => {
    await act(() => state.setSelected([PLAN], false));
    await enter(find("filter"), "plan", "input");
    expect(find("state-none-selected")!.textContent).toContain("The filter finds 1 run that is not selected");
    await click(find("show-found"));
    expect(all("schedule-line").map(({ dataset }) => dataset.id)).toEqual([PLAN]);
    await enter(find("filter"), "", "input");
    expect(all("schedule-line")).toHaveLength(2);
  });
});
