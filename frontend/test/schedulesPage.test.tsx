// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { State } from "../src/model/state";
import { App } from "../src/ui/App";
import { Server } from "./server";

const A = "s1/digits/adam";
const PLAN = "p/plan";
const DROP = "ReduceLROnPlateau: 0.1 → 0.01 at epoch 1";
const TRAINING = {
  step: [0, 1, 2, 3],
  learning_rate: [0.1, 0.1, 0.01, 0.01],
  epoch: [0.5, 1, 1.5, 2],
  wall_time: [100, 101, 102, 103],
};
let server: Server;
let state: State;

beforeEach(() => {
  server = new Server();
  state = new State();
  // The chart draws only where it has an area; happy-dom lays nothing out.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(500);
  render(<App state={state} />, document.body);
});

afterEach(() => {
  render(null, document.body);
  vi.restoreAllMocks();
});

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const all = (id: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
const tab = (name: string) => document.querySelector<HTMLElement>(`[data-testid="view"][value="${name}"]`)!;
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

async function open() {
  await state.refresh();
  tab("schedules").click();
  await settle();
}

async function select(id: string, value: string) {
  const menu = find(id) as HTMLSelectElement;
  menu.value = value;
  menu.dispatchEvent(new Event("change", { bubbles: true }));
  await settle();
}

function addScalar(run: string, tag = "epoch_loss") {
  server.scalars.push({ run, tag, unit: "epoch", steps: [0, 1], wall_times: [101, 103], values: [2, 1] });
}

describe("the views", () => {
  const press = async (key: string) => {
    document.querySelector("[role=tablist]")!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await settle();
  };
  const chosen = () => all("view").filter((view) => view.getAttribute("aria-selected") === "true");

  it("are tabs, one of them chosen and in reach of the Tab key", async () => {
    await open();
    expect(all("view").map(({ textContent }) => textContent)).toEqual(["LR Finder", "Schedules", "Plan a schedule"]);
    expect(all("view").map(({ tabIndex }) => tabIndex)).toEqual([-1, 0, -1]);
    expect(document.querySelector("[role=tabpanel]")!.getAttribute("aria-labelledby")).toBe(chosen()[0]!.id);
  });

  it("are switched by arrow keys, around the ends too", async () => {
    await open();
    const seen = [];
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowRight", "End", "Home"]) {
      await press(key);
      seen.push(chosen()[0]!.getAttribute("value"));
      expect(document.activeElement).toBe(chosen()[0]);
    }
    expect(seen).toEqual(["finder", "planner", "finder", "planner", "finder"]);
  });
});

describe("without schedules", () => {
  it("says how to record one and how to plan one", async () => {
    await open();
    expect(find("state-empty")!.textContent).toContain('callbacks=[LRRecorder("logs/run")]');
    expect(find("state-empty")!.textContent).toContain('plan(schedule, steps, "logs/plan")');
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
    addScalar("digits/adam/train");
    addScalar("digits/adam/validation");
    addScalar("elsewhere");
    await open();
  });

  it("draws what happened as a line and a plan dashed, and says which is the plan", () => {
    expect(all("schedule-line").map(({ dataset }) => [dataset.id, dataset.kind])).toEqual([
      [A, "training"],
      [PLAN, "plan"],
    ]);
    expect(all("schedule-line").map((line) => line.closest("g")!.getAttribute("class"))).toEqual(["run", "run plan"]);
    expect(all("run-row").map((row) => row.querySelector(".run-meta")!.textContent)).toEqual([
      "ReduceLROnPlateau · Adam · batch 32",
      "plan",
    ]);
    expect(find("schedule-chart")!.getAttribute("aria-label")).toContain("plan (planned)");
  });

  it("marks where the rate changed, with words", () => {
    const mark = find("schedule-mark")!;
    expect(mark.dataset).toMatchObject({ id: A, step: "2" });
    expect(mark.getAttribute("aria-label")).toBe(DROP);
    expect(mark.querySelector("title")!.textContent).toBe(DROP);
    expect(find("schedule-label")!.textContent).toBe(DROP);
  });

  it("lists every schedule in numbers and words", () => {
    const [row, plan] = all("schedule-row");
    const cells = [...row!.querySelectorAll("td")].map(({ textContent }) => textContent);
    expect(cells).toEqual(["digits/adam", "ReduceLROnPlateau", "4", "0.1", "0.1", "0.01", DROP]);
    expect(plan!.querySelector(".schedule-run")!.textContent).toBe("planplan");
    expect(plan!.querySelector(".schedule-changes")!.textContent).toBe("None.");
  });

  it("folds a long list of changes", async () => {
    const marks = Array.from({ length: 10 }, (_, step) => ({ step, text: `Change ${step}` }));
    server.addSchedule(A, TRAINING, { rows: 5 }, marks);
    await state.refresh();
    await settle();
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
    find("y-scale")!.querySelector<HTMLInputElement>("input[value=linear]")!.click();
    await settle();
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

  it("reads rates and scalars at one place", async () => {
    await select("overlay", "epoch_loss");
    document.querySelector(".plot")!.dispatchEvent(new KeyboardEvent("keydown", { key: "Home", bubbles: true }));
    await settle();
    document.querySelector(".plot")!.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    await settle();
    expect(find("tooltip")!.textContent).toContain("Step 0");
    expect(all("tooltip-row").map(({ dataset }) => [dataset.id, dataset.step])).toEqual([
      [A, "0"],
      [PLAN, "0"],
    ]);
    document.querySelector(".plot")!.dispatchEvent(new KeyboardEvent("keydown", { key: "End", bubbles: true }));
    await settle();
    expect(all("tooltip-row").map((row) => row.querySelector(".name")!.textContent)).toEqual([
      "digits/adam",
      "plan",
      "digits/adam/train",
      "digits/adam/validation",
    ]);
    document.querySelector(".plot")!.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await settle();
    expect(find("tooltip")).toBeNull();
  });

  it("zooms rates and scalar together, and resets", async () => {
    state.schedules.zoomTo({ x: [1, 2], y: [0.02, 0.2], right: [1.2, 1.4] });
    await select("overlay", "epoch_loss");
    expect(find("schedule-chart")!.dataset).toMatchObject({ xDomain: "1,2", yDomain: "0.02,0.2" });
    find("reset-zoom")!.click();
    await settle();
    expect(find("schedule-chart")!.dataset.xDomain).toBe("0,3");
    expect(find("reset-zoom")).toBeNull();
  });

  it("filters a long menu of scalars, and keeps the chosen one in it", async () => {
    expect(find("overlay-filter")).toBeNull();
    await select("overlay", "epoch_loss");
    for (let index = 0; index < 20; index++) addScalar("elsewhere", `layer_${index}/norm`);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 20_000);
    await state.refresh();
    await settle();
    const filter = find("overlay-filter") as HTMLInputElement;
    filter.value = "LAYER_1/";
    filter.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    const offered = [...find("overlay")!.querySelectorAll("option")].map(({ textContent }) => textContent);
    expect(offered).toEqual(["None", "epoch_loss", "layer_1/norm"]);
  });

  it("says in words that no run is chosen, and what cannot be read", async () => {
    await state.setSelected([A, PLAN], false);
    await settle();
    expect(find("state-none-selected")!.textContent).toContain("No run selected");
    expect(find("schedule-row")).toBeNull();
  });
});
