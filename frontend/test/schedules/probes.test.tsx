// @vitest-environment happy-dom

/** Trainings with probes, and range tests that belong to trainings, in the page. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../src/app/state";
import { act, all, click, find, idsOf, mount, point, poll, press, texts, unmount } from "../support/page";
import { Server } from "../support/server";
import { A, B, pairJson, TRAINING } from "../support/wire";

const TEST = "t/test";
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

describe("a training with probes", () => {
  let probes: string[];

  beforeEach(async () => {
    server.values.set(TEST, [3, 2, 1]);
    server.addSchedule(A, TRAINING);
    probes = server.addProbes(A, [0, 2, 3]);
    await open();
  });

  it("has band, edge and suggestions behind its line, and a point for each probe", () => {
    for (const id of ["probe-band", "probe-edge", "probe-line"]) expect(idsOf(id)).toEqual([A]);
    expect(find("probe-band")!.getAttribute("d")).toMatch(/^M.*Z$/);
    expect(all("probe").map(({ dataset }) => dataset.probe)).toEqual(probes);
    expect(texts("[data-testid=marks] li")).toEqual(["usable band", "suggested rate", "blow-up edge"]);
    expect(find("schedule-chart")!.getAttribute("aria-label")).toContain("with the rates that probes found usable");
  });

  it("breaks its band where a probe has none", async () => {
    const none = { suggestion: null, lower: null, upper: null, edge: null, confidence: null };
    server.probes.get(A)![1] = { ...server.probes.get(A)![1]!, ...none } as never;
    server.values.set(probes[1]!, [3, 2]);
    await poll(state);
    expect(find("probe-band")!.getAttribute("d")!.match(/M/g)).toHaveLength(2);
    expect(texts("[data-testid=marks] li").at(-1)).toBe("probe with a doubtful suggestion, or none");
    expect(all("probe")[1]!.getAttribute("class")).toBe("hollow");
  });

  it("draws nothing of them without bands, which the address remembers", async () => {
    await click(find("bands"));
    for (const id of ["probe-band", "probe-line", "probe", "marks"]) expect(find(id)).toBeNull();
    expect(state.settings.all.value.get("s_bands")).toBe("0");
    expect(find("bands")).not.toBeNull();
  });

  it("says how many there are, and what they say, below its row", () => {
    expect(find("schedule-row")!.querySelector(".schedule-run")!.textContent).toContain("3 probes");
    expect(texts("[data-testid=probe-sentence]")).toEqual(server.probeSentences);
  });

  it("asks for them again when there is another one, and not because the training grew", async () => {
    server.forget();
    server.addSchedule(A, TRAINING, { rows: 5 });
    await poll(state);
    expect(server.asked("probes")).toEqual([]);
    server.addProbes(A, [0, 2, 3, 4]);
    await poll(state);
    expect(server.asked("probes")).toEqual([`probes?trace=${A}`]);
  });

  it("opens a probe alone by a click at its point", async () => {
    const [, second] = all("probe");
    const [x, y] = ["cx", "cy"].map((name) => Number(second!.getAttribute(name))) as [number, number];
    // happy-dom has no capture of the pointer.
    document.querySelector<HTMLElement>(".plot")!.setPointerCapture = () => {};
    await point(x + 3, y + 3, "pointerdown");
    await point(x + 3, y + 3, "pointerup");
    expect(state.view.value).toBe("finder");
    expect(state.views.finder.runs.shown.value.map(({ trace }) => trace.id)).toEqual([probes[1]]);
    expect(find("training-rate")!.dataset.value).toBe("0.1");
    expect(find("training-rate")!.textContent).toContain("the training's rate here");
    expect(find("suggestion-training")!.textContent).toBe("0.1");
    expect(find("probe-words")!.textContent).toContain("after 2 steps, where its rate was 0.1");
  });

  it("opens one by the keyboard, also where a filter leaves it out", async () => {
    await act(() => state.runs.setFilter("adam$"));
    const plot = document.querySelector(".plot")!;
    expect(plot.getAttribute("aria-label")).toContain("Enter opens the nearest probe");
    await press("End", plot);
    expect(texts(".tooltip th.name")).toEqual(["Run", "Nearest probe"]);
    await press("Enter", plot);
    expect(state.views.finder.runs.shown.value.map(({ trace }) => trace.id)).toEqual([probes[2]]);
  });

  it("leaves its probes folded and unselected in the finder while there is a test", async () => {
    await act(() => state.setView("finder"));
    expect(state.views.finder.runs.shown.value.map(({ trace }) => trace.id)).toEqual([TEST]);
    expect(idsOf("run-row")).toEqual([TEST]);
    const group = find("probes")!;
    expect(group.textContent).toBe("digits/adam/probes3 probes");
    await click(group.querySelector("button"));
    expect(texts("[data-testid=probes] .run-name")).toEqual(["digits/adam/probes", "step 0", "step 2", "step 3"]);
    expect(texts("[data-testid=probes] .run-meta")[0]).toBe("at rate 0.1");
    await click(group.querySelector("button"));
    await click(find("select-all")!.querySelector("input"));
    expect(state.views.finder.runs.shown.value).toEqual([]);
    await click(find("select-all")!.querySelector("input"));
    expect(state.views.finder.runs.shown.value.map(({ trace }) => trace.id)).toEqual([TEST]);
  });

  it("lists those that are chosen, folded as they are", async () => {
    await act(() => state.openTest(probes[1]!));
    expect(idsOf("run-row").sort()).toEqual([probes[1], TEST].sort());
    expect(find("probes")!.querySelector("button")!.textContent).toBe("2 more");
  });
});

describe("probes without any other test", () => {
  it("are chosen like any tests", async () => {
    server.addSchedule(A, TRAINING);
    const probes = server.addProbes(A, [0, 2]);
    await act(() => state.refresh());
    expect(state.views.finder.runs.shown.value.map(({ trace }) => trace.id)).toEqual(probes);
  });

  it("join no others that are shown: whoever opened one looks at that one", async () => {
    server.addSchedule(A, TRAINING);
    const [first] = server.addProbes(A, [0, 2]);
    await act(() => state.refresh());
    await act(() => state.openTest(first!));
    server.addProbes(A, [0, 2, 3]);
    await poll(state);
    expect(state.views.finder.runs.all.value).toHaveLength(3);
    expect(state.views.finder.runs.shown.value.map(({ trace }) => trace.id)).toEqual([first]);
  });
});

describe("several trainings with probes", () => {
  it("have one band in full, that of the run put forward", async () => {
    const ids = [A, B, "s3/digits/third"];
    for (const id of ids) {
      server.addSchedule(id, TRAINING);
      server.addProbes(id, [0, 2]);
    }
    await open();
    expect(idsOf("probe-line")).toEqual(ids);
    expect(idsOf("probe-band")).toEqual([A]);
    await act(() => state.runs.focus(B));
    expect(new Set(idsOf("probe-band"))).toEqual(new Set([B]));
    expect(texts("[data-testid=marks] li")[0]).toBe("usable band of digits/sgd");
  });
});

describe("a training and the range test that belongs to it", () => {
  beforeEach(async () => {
    server.values.set(TEST, [3, 2, 1]);
    server.addSchedule(A, TRAINING);
    server.addSchedule(B, TRAINING);
    server.pairs.push(pairJson(A, TEST));
    await open();
  });

  it("say both rates, and each leads to the other", async () => {
    expect(texts("[data-testid=pair]")).toEqual(["Trained at 0.1, suggested 0.05: 2 times as high. Range test test"]);
    await click(find("open-pair"));
    expect(state.view.value).toBe("finder");
    expect(texts("[data-testid=pair]")).toEqual([
      "Trained at 0.1, suggested 0.05: 2 times as high. Training digits/adam",
    ]);
    await click(find("open-pair"));
    expect(state.view.value).toBe("schedules");
    expect(idsOf("schedule-row")).toEqual([A]);
  });
});
