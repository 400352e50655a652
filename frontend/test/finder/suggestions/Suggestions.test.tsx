// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../../src/app/state";
import { act, all, choose, find, mount, poll, texts, unmount } from "../../support/page";
import { Server } from "../../support/server";
import { A, B, DESCENT } from "../../support/wire";

const DOUBTFUL = { word: "doubtful", probability: null, doubt: "" };

let state: State;

beforeEach(() => {
  state = mount();
});

afterEach(unmount);

describe("the use", () => {
  const heading = () => find("sort-rate")!.textContent;
  const marks = () => all("mark").map(({ dataset }) => dataset.value);

  beforeEach(async () => {
    new Server(A).values.set(A, DESCENT);
    await poll(state);
  });

  it("is a constant rate at first, one of three radio buttons of one group", () => {
    const radios = [...find("use")!.querySelectorAll("input")];
    expect(radios.map(({ type, name, checked }) => [type, name, checked])).toEqual([
      ["radio", "use", true],
      ["radio", "use", false],
      ["radio", "use", false],
    ]);
    expect(find("use")!.querySelector(".segments")!.textContent).toBe("Constant rate1cycle peakCyclical bounds");
  });

  it.each([
    ["one_cycle", "1cycle peak", "0.0094", "Three times that.", "0.0094", "0.0094", ["0.0094"]],
    [
      "cyclical",
      "Cyclical bounds",
      "0.0012 to 0.0094",
      "Around that.",
      "0.0012, 0.0094",
      "0.0012 – 0.0094",
      ["0.0012", "0.0094"],
    ],
    ["constant", "Constant rate", "0.0031", "It is steepest.", "0.0031", "0.0031", ["0.0031"]],
  ])("%s decides what is listed, said, copied, labelled and marked", async (name, title, ...expected) => {
    await choose("use", "one_cycle");
    await choose("use", name);
    const [rate, reason, copied, label, dots] = expected;
    expect(heading()).toBe(title);
    expect(find("suggestion-rate")!.textContent).toBe(rate);
    expect(find("suggestion-band")!.textContent).toBe("0.0002 to 0.011");
    expect(find("suggestion-reason")!.textContent).toBe(reason);
    expect(find("copy-rate")!.title).toBe(`Copy ${copied}`);
    expect(find("mark-label")!.textContent).toBe(label);
    expect(marks()).toEqual(dots);
  });

  it("says in words that a method knows no such rate, and shows no other one", async () => {
    await state.views.finder.setMethod("steepest");
    await choose("use", "cyclical");
    expect(find("suggestion-reason")!.textContent).toBe(
      "This method suggests constant rates only: choose Recommended.",
    );
    expect(find("suggestion-rate")!.textContent).toBe("–");
    for (const id of ["copy-rate", "mark-label", "mark"]) expect(find(id)).toBeNull();
    expect(find("band")).not.toBeNull();
    await choose("use", "constant");
    expect(find("suggestion-rate")!.textContent).toBe("0.0031");
  });
});

describe("the confidence", () => {
  const suggestion = async (fields: Record<string, unknown>) => {
    new Server(A).suggestions.set(A, fields);
    await poll(state);
  };

  it.each([
    ["sure", 0.966, "97 % of such suggestions trained nearly as well as the best rate, in our benchmark"],
    ["likely", 0.8, "80 % of such suggestions trained nearly as well as the best rate, in our benchmark"],
    ["doubtful", null, ""],
  ])("is one word, %s, and a number on hover", async (confidence, probability, title) => {
    await suggestion({ confidence: { word: confidence, probability, doubt: "" } });
    expect(find("confidence")!.textContent).toBe(confidence);
    expect(find("confidence")!.title).toBe(title);
  });

  it("is absent where the method has none", async () => {
    await suggestion({ confidence: null });
    expect(find("confidence")).toBeNull();
  });

  it("is explained only where there is a doubt", async () => {
    await suggestion({ confidence: { ...DOUBTFUL, doubt: "It was still falling." }, advice: "Raise end_lr." });
    expect(find("doubt")!.textContent).toBe("It was still falling.");
    expect(find("advice")!.textContent).toBe("Raise end_lr.");
    await act(() => state.views.finder.setMethod("steepest"));
    expect(find("doubt")).toBeNull();
    expect(find("advice")).toBeNull();
  });
});

describe("the trials", () => {
  const TRIALS = [
    { learning_rate: 0.002, steps: 100, value: 0.4567 },
    { learning_rate: 0.0031, steps: 100, value: -0.5 },
    { learning_rate: 0.009, steps: 100, value: 1e9 },
    { learning_rate: 0.03, steps: 37, value: null },
  ];
  const trained = async (trials: readonly object[], fields: Record<string, unknown> = {}) => {
    const server = new Server(A, B);
    server.values.set(A, DESCENT);
    server.fields.set(A, { trials });
    server.suggestions.set(A, fields);
    await poll(state);
  };
  const summary = () => find("trials")!.querySelector("summary")!.textContent;
  const top = (trial: HTMLElement) => Number(/[\d.]+(?=\))/.exec(trial.getAttribute("transform")!)![0]);

  it("are drawn at their rates and losses, each with its sentence", async () => {
    await trained(TRIALS);
    expect(all("trial").map(({ dataset }) => [dataset.id, dataset.rate, dataset.value])).toEqual([
      [A, "0.002", "0.4567"],
      [A, "0.0031", "-0.5"],
      [A, "0.009", "1000000000"],
      [A, "0.03", "diverged"],
    ]);
    expect(texts("[data-testid=trial] title")).toEqual([
      "0.002: loss 0.457 after 100 steps",
      "0.0031: loss -0.5 after 100 steps",
      "0.009: loss 1e9 after 100 steps",
      "0.03: diverged within 37 steps",
    ]);
    const [lo] = find("chart")!.dataset.yDomain!.split(",").map(Number);
    expect(lo).toBeLessThan(-0.5);
  });

  it("are signs at the edge where their loss is outside of the plot", async () => {
    await trained(TRIALS);
    const [inside, lowest, huge, diverged] = all("trial");
    expect(top(inside!)).toBeLessThan(top(lowest!));
    expect(top(huge!)).toBe(top(diverged!));
    expect(top(huge!)).toBeLessThan(top(inside!));
    const shapes = () => all("trial").map((trial) => trial.getAttribute("d"));
    expect(new Set(shapes()).size).toBe(3);
    await act(() => state.views.finder.zoomTo({ x: [1e-3, 0.02], y: [0, 1] }));
    expect(new Set(shapes()).size).toBe(3);
    expect(all("trial")).toHaveLength(3);
  });

  it("are counted in one line and listed on demand", async () => {
    await trained(TRIALS);
    expect(all("trials")).toHaveLength(1);
    expect(summary()).toBe("Confirmed by 4 short trainings of up to 100 steps.");
    const items = texts("li", find("trials")!);
    expect(items).toHaveLength(4);
    expect(items[3]).toBe("0.03: diverged within 37 steps");
  });

  it("are listed by rate, in whatever order they were trained", async () => {
    await trained([TRIALS[2]!, TRIALS[0]!, TRIALS[3]!, TRIALS[1]!]);
    expect(texts("li", find("trials")!).map((text) => text!.split(":")[0])).toEqual([
      "0.002",
      "0.0031",
      "0.009",
      "0.03",
    ]);
  });

  it("are called by what their test monitors, where the best is the highest and what diverged the lowest", async () => {
    const server = new Server(A);
    server.values.set(
      A,
      DESCENT.map((value) => 1 - value / 4),
    );
    server.columns.set(A, { column: "val_accuracy", mode: "max" });
    server.fields.set(A, { monitor: "val_accuracy", trials: [{ ...TRIALS[0], value: 0.9 }, TRIALS[3]] });
    await poll(state);
    const sentences = ["0.002: val_accuracy 0.9 after 100 steps", "0.03: diverged within 37 steps"];
    expect(texts("[data-testid=trial] title")).toEqual(sentences);
    expect(texts("li", find("trials")!)).toEqual(sentences);
    const [, hi] = find("chart")!.dataset.yDomain!.split(",").map(Number);
    expect(hi).toBeGreaterThan(0.9);
    const [trained, diverged] = all("trial");
    expect(top(trained!)).toBeLessThan(top(diverged!));
  });

  it("may be a single one", async () => {
    await trained(TRIALS.slice(0, 1));
    expect(summary()).toBe("Confirmed by 1 short training of up to 100 steps.");
  });

  it.each([[DOUBTFUL], [null]])("confirm nothing that is doubtful or without a grade", async (confidence) => {
    await trained(TRIALS, { confidence });
    expect(summary()).toBe("Rates compared in 4 short trainings of up to 100 steps.");
  });
});
