// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../src/app/state";
import { SweepChart } from "../../src/chart/sweep/SweepChart";
import {
  act,
  all,
  choose,
  click,
  enter,
  find,
  idsOf,
  mount,
  point,
  poll,
  settle,
  texts,
  unmount,
} from "../support/page";
import { Server } from "../support/server";
import { A, B, DESCENT, manyIds } from "../support/wire";

let server: Server;
let state: State;

beforeEach(() => {
  server = new Server(A, B);
  for (const id of [A, B]) {
    server.values.set(id, DESCENT);
    server.slopes.set(id, [-1, -2, -1, 1]);
  }
  state = mount();
});

afterEach(unmount);

const titles = () => texts(".axis-title");
const domain = (axis: "x" | "y") => find("chart")!.dataset[`${axis}Domain`]!.split(",").map(Number);

describe("the slope", () => {
  beforeEach(async () => {
    await poll(state);
    await choose("show", "slope");
  });

  it("is drawn over a line at zero, with marks and bands but without dots", () => {
    expect(idsOf("curve")).toEqual([A, B]);
    expect(find("zero")!.getAttribute("d")).toMatch(/^M72,[\d.]+H780$/);
    expect(all("mark").map(({ dataset }) => dataset.value)).toEqual(["0.0031", "0.0031"]);
    expect(all("band")).toHaveLength(2);
    expect(all("raw")).toEqual([]);
    expect(titles()).toEqual(["learning rate (log)", "slope of loss per decade"]);
  });

  it("is as wide as the curve", async () => {
    const across = domain("x");
    await choose("show", "value");
    expect(domain("x")).toEqual(across);
    expect(find("zero")).toBeNull();
  });

  it("is smoothed by decades, in equal ratios", async () => {
    const slider = find("slope-smoothing") as HTMLInputElement;
    expect(slider.getAttribute("aria-valuetext")).toBe("0.3 decades");
    await enter(find("slope-smoothing"), "-1", "input");
    expect(state.views.finder.sigma.value).toBe(0.1);
    expect(find("smoothing")).toBeNull();
  });
});

describe("the rate of the training that a probe was made in", () => {
  it("is marked, with a legend and in the description", async () => {
    server = new Server(A);
    server.values.set(A, DESCENT);
    server.fields.set(A, { probe: { training: "s", step: 200, learning_rate: 0.01 } });
    await poll(state);
    expect(find("training-rate")!.textContent).toContain("the training's rate here, 0.01");
    expect(texts("[data-testid=marks] li")).toContain("rate of the training");
    expect(find("chart")!.getAttribute("aria-label")).toContain("in a training at 0.01");
  });

  it("is not drawn out of sight, nor for a test that stands alone", async () => {
    server.fields.set(A, { probe: { training: "s", step: 200, learning_rate: 1e-9 } });
    await poll(state);
    expect(find("training-rate")).toBeNull();
  });
});

describe("the readout", () => {
  it("leaves the buttons of a picked rate free", async () => {
    await poll(state);
    const lowest = () => Number(/([\d.]+)px - 100%\)\)/.exec(find("tooltip")!.style.transform)![1]);
    await point(400, 250);
    const before = lowest();
    await act(() => state.views.finder.pick(0.01));
    await point(401, 250);
    // The buttons are 28 pixels high and end at the axis, below which the ticks and the title are.
    expect(before - lowest()).toBeGreaterThan(28 + 30);
  });
});

describe("the blow-up edge", () => {
  const named = () => all("edge").filter((line) => line.querySelector("text"));

  it("is named where there is one run, and in words on the line and in the chart's name", async () => {
    server.values.delete(B);
    await poll(state);
    const [line] = all("edge");
    expect(line!.querySelector("text")!.textContent).toBe("edge 0.032");
    expect(line!.querySelector("title")!.textContent).toBe(
      "digits/adam: training would be expected to break at 0.032, 10 times the suggested rate",
    );
    expect(find("chart")!.getAttribute("aria-label")).toContain(
      "digits/adam: suggested rate 0.0031, blow-up edge 0.032",
    );
  });

  it("is named at the run that is put forward, of several", async () => {
    await poll(state);
    await act(() => state.runs.focus(B));
    expect(all("edge").map(({ dataset }) => dataset.id)).toEqual([A, B]);
    expect(named().map(({ dataset }) => dataset.id)).toEqual([B]);
  });

  it("is not drawn where the curve has none, or outside of the part that is shown", async () => {
    server.suggestions.set(A, { edge: null, edge_ratio: null });
    server.suggestions.set(B, { edge: 2500, edge_ratio: 8000 });
    await poll(state);
    expect(all("edge")).toEqual([]);
    await point(300, 200);
    expect(texts("th", find("tooltip")!)).toEqual(["Run", "LR", "loss", "Smoothed", "Step", "Edge"]);
    expect(texts("td", all("tooltip-row").find(({ dataset }) => dataset.id === B)!).at(-1)).toBe("2500");
  });

  it.each([
    [0.3, "end"],
    [0.004, "start"],
    [0.0012, "start"],
  ])("at %d has its name where the suggested rate and the frame leave room", async (edge, anchor) => {
    server.suggestions.set(A, { edge });
    await poll(state);
    await act(() => state.runs.focus(A));
    expect(named()[0]!.querySelector("text")!.getAttribute("text-anchor")).toBe(anchor);
  });

  it("has its name at the foot where high values are the better ones", async () => {
    const height = () => Number(named()[0]!.querySelector("text")!.getAttribute("y"));
    await poll(state);
    await act(() => state.runs.focus(A));
    const above = height();
    server.columns.set(A, { column: "accuracy", mode: "max" });
    server.values.get(A)!.push(0.5);
    await poll(state);
    expect(height()).toBeGreaterThan(above + 100);
  });
});

describe("the value", () => {
  it("can be chosen where there are several, under its own name", async () => {
    server.fields.set(A, { values: ["loss", "val_loss"] });
    await poll(state);
    expect(texts("option", find("column")!)).toEqual(["loss", "val_loss"]);
    await enter(find("column"), "val_loss");
    expect(titles()[1]).toBe("val_loss");
  });

  it("stays in the menu while other runs are shown, which do not have it", async () => {
    state.settings.take(new Map([["value", "val_loss"]]));
    await poll(state);
    expect((find("column") as HTMLSelectElement).value).toBe("val_loss");
    server.fields.set(A, { monitor: "val_loss" });
    server.fields.set(B, { monitor: "val_loss" });
    await poll(state);
    expect(find("column")!.querySelector("option")!.textContent).toBe("val_loss");
    expect((find("column") as HTMLSelectElement).value).toBe("");
  });

  it("is no choice where there is only one", async () => {
    await poll(state);
    expect(find("column")).toBeNull();
  });

  it("has a shade as wide as the repeats lie apart, of many runs only that of the preferred one", async () => {
    server.columns.set(A, { spread: 0.5 });
    await poll(state);
    expect(idsOf("spread")).toEqual([A]);
    for (const run of ["c", "d", "e"]) server.values.set(`s/${run}`, DESCENT);
    for (const id of server.values.keys()) server.columns.set(id, { spread: 0.5 });
    for (const id of [A, B]) server.fields.set(id, { status: "interrupted" });
    await poll(state);
    expect(all("spread")).toEqual([]);
    await act(() => state.runs.focus(B));
    expect(idsOf("spread")).toEqual([B]);
  });
});

describe("the options of the chart", () => {
  beforeEach(() => poll(state));

  it("choose the axes, each named by what it is", async () => {
    await choose("x-kind", "linear");
    await choose("y-kind", "log");
    expect(titles()).toEqual(["learning rate", "loss (log)"]);
    expect(domain("y")[0]).toBeGreaterThan(0);
  });

  it("take the dots away and put them back", async () => {
    expect(all("raw")).toHaveLength(2);
    await click(find("dots"));
    expect(all("raw")).toEqual([]);
  });

  it("show the tail on demand", async () => {
    server.values.set(A, [...DESCENT, 1e6]);
    await poll(state);
    expect(domain("y")[1]).toBeLessThan(10);
    await click(find("tail"));
    expect(domain("y")[1]).toBeGreaterThan(1e6);
  });

  it("take whole numbers of points to leave out", async () => {
    await enter(find("skip-start"), "2.4");
    await enter(find("skip-end"), "-3");
    expect(state.views.finder.options.values.value).toMatchObject({ skipStart: 2, skipEnd: 0 });
  });

  it("order the readout", async () => {
    server.values.set(A, [9, 9, 9]);
    await poll(state);
    await enter(find("order"), "ascending");
    await point(300, 300);
    expect(idsOf("tooltip-row")).toEqual([B, A]);
  });

  it("say what a log axis leaves out", async () => {
    server.values.set(A, [1, 0, -1]);
    await poll(state);
    expect(find("chart-notes")).toBeNull();
    await choose("y-kind", "log");
    expect(find("chart-notes")!.textContent).toBe("2 values at or below zero have no place on a log axis.");
  });
});

describe("a run that is pointed at", () => {
  const layers = () =>
    new Set([...document.querySelectorAll(".layer")].map(({ classList }) => classList.contains("faded")));

  /** Where the second run has a point. */
  let x: number;
  let y: number;

  beforeEach(async () => {
    server.values.set(A, [9, 9, 9, 9, 9, 9]);
    await poll(state);
    [x, y] = /L([\d.]+),([\d.]+)/.exec(all("curve")[1]!.getAttribute("d")!)!.slice(1).map(Number) as [number, number];
  });

  async function stay(left: number, top: number) {
    await point(left, top);
    await settle(50);
  }

  it("comes forward, over the others faded as one", async () => {
    expect(layers()).toEqual(new Set([false]));
    await stay(x, y);
    expect(find("front")!.dataset.id).toBe(B);
    expect(state.runs.focused.value).toBe(B);
    expect(layers()).toEqual(new Set([true]));
    await stay(x, y - 60);
    expect(find("front")).toBeNull();
    expect(state.runs.focused.value).toBeNull();
  });

  it.each([
    ["that was told already", 50],
    ["that is still to be told", 0],
  ])("%s gives way to that of a row that the pointer goes to", async (_, milliseconds) => {
    await point(x, y);
    await settle(milliseconds);
    await point(x, y, "pointerleave");
    await act(() => find("suggestion-row")!.dispatchEvent(new Event("pointerenter")));
    await settle(100);
    expect(state.runs.focused.value).toBe(A);
  });

  it("stays forward no longer than its chart is there", async () => {
    await stay(x, y);
    await act(() => state.setSelected([A, B], false));
    expect(find("chart")).toBeNull();
    expect(state.runs.focused.value).toBeNull();
  });
});

describe("a compact chart", () => {
  it("has the domain it is given, and neither titles nor labels", async () => {
    await poll(state);
    const [series] = state.views.finder.series.value;
    const domain = { x: [1e-6, 1], y: [-1, 5] } as const;
    const quiet = { focused: null, preferred: null, zoom: null, onZoom: () => {} };
    render(<SweepChart series={[series!]} domain={domain} compact {...quiet} />, document.body);
    await settle();
    expect(find("chart")!.dataset).toMatchObject({ xDomain: "0.000001,1", yDomain: "-1,5" });
    expect(titles().join("")).toBe("");
    expect(find("mark")).not.toBeNull();
    expect(find("mark-label")).toBeNull();
  });
});

describe("many runs", () => {
  it("are thin lines with small marks and without dots, but the one put forward", async () => {
    const ids = manyIds(60);
    for (const id of ids) server.values.set(id, DESCENT);
    await poll(state);
    expect(all("raw").length).toBeGreaterThan(0);
    await act(() => state.setSelected(ids, true));
    expect(all("curve")).toHaveLength(62);
    expect(all("raw")).toEqual([]);
    expect(document.querySelector(".lines")!.classList).toContain("thin");
    expect(all("mark-label")).toHaveLength(2);
    state.runs.point(ids[30]!);
    await settle();
    const [mark, label] = ["mark", "mark-label"].map(
      (id) => document.querySelector<HTMLElement>(`.front [data-testid=${id}]`)!,
    );
    expect([mark!.dataset.id, label!.dataset.id]).toEqual([ids[30], ids[30]]);
    expect(all("mark").map((dot) => Number(dot.getAttribute("r")))).toEqual([...Array(62).fill(3), 6]);
  });
});

describe("a number that is half typed", () => {
  it("stays when the page is drawn anew, and counts when it is done", async () => {
    await poll(state);
    const field = find("skip-end") as HTMLInputElement;
    await enter(find("skip-end"), "2", "input");
    await act(() => state.views.finder.setOption("skipStart", 1));
    expect([field.value, state.views.finder.options.values.value.skipEnd]).toEqual(["2", 0]);
    await act(() => field.dispatchEvent(new Event("change", { bubbles: true })));
    expect([field.value, state.views.finder.options.values.value.skipEnd]).toEqual(["2", 2]);
  });
});
