// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { State } from "../src/model/state";
import { App } from "../src/ui/App";
import { refuse, Server, unreachable } from "./server";

const A = "s1/digits/adam";
const B = "s2/digits/sgd";
/** Long enough for the chart to show all of it. */
const DESCENT = [3, 2.8, 2.5, 2, 1.5, 1];
let state: State;

beforeEach(() => {
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
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

async function show() {
  await state.refresh();
  await settle();
}

describe("words for every state", () => {
  it("says that it is loading before the first answer", () => {
    expect(find("state-loading")).not.toBeNull();
    expect(find("lr-finder")!.dataset.theme).toMatch(/^(light|dark)$/);
  });

  it("shows the lines to add where there is no test", async () => {
    new Server();
    await show();
    expect(find("state-empty")!.textContent).toContain("callbacks=[finder]");
    expect(find("state-empty")!.textContent).toContain("tensorboard --logdir logs");
  });

  it("shows the server's sentence and retries", async () => {
    const server = new Server(A);
    server.failure = refuse("The log directory is gone.");
    await show();
    expect(find("state-error")!.textContent).toContain("The log directory is gone.");
    server.failure = null;
    find("state-error")!.querySelector("button")!.click();
    await settle();
    expect(find("chart")).not.toBeNull();
  });

  it("keeps the chart and adds a banner when a later look fails", async () => {
    const server = new Server(A);
    await show();
    server.failure = unreachable;
    await show();
    expect(find("banner")!.textContent).toBe("TensorBoard does not answer; trying again…");
    expect(find("chart")).not.toBeNull();
  });

  it("tells apart no selection and no match", async () => {
    new Server(A);
    await show();
    find("run-row")!.querySelector("input")!.click();
    await settle();
    expect(find("state-none-selected")!.textContent).toContain("No run selected");
    state.runs.setFilter("nothing like this");
    await settle();
    expect(find("state-none-selected")!.textContent).toContain("No run matches");
  });

  it("waits for the first batch", async () => {
    const server = new Server(A);
    server.values.set(A, []);
    server.fields.set(A, { status: "running" });
    await show();
    expect(document.body.textContent).toContain("Waiting for the first batch");
    expect(find("suggestion-reason")!.textContent).toBe("Waiting for the first batch.");
  });

  it("shows why a damaged trace has no curve, beside those that have one", async () => {
    const server = new Server(A, B);
    server.values.set(B, []);
    server.fields.set(B, { status: "damaged", status_text: "Its header cannot be read." });
    await show();
    expect(all("curve")).toHaveLength(1);
    expect(all("run-status")[1]!.textContent).toBe("Its header cannot be read.");
    expect(all("run-status")[1]!.className).toContain("warning");
    expect(all("suggestion-reason")[1]!.textContent).toBe("Its header cannot be read.");
  });
});

describe("the use", () => {
  const choose = async (name: string) => {
    find("use")!.querySelector<HTMLInputElement>(`input[value="${name}"]`)!.click();
    await settle();
  };
  const heading = () => find("sort-rate")!.textContent;
  const marks = () => all("mark").map(({ dataset }) => dataset.value);

  beforeEach(async () => {
    new Server(A).values.set(A, DESCENT);
    await show();
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
    await choose("one_cycle");
    await choose(name);
    const [rate, reason, copied, label, dots] = expected;
    expect(heading()).toBe(title);
    expect(find("suggestion-rate")!.textContent).toBe(rate);
    expect(find("suggestion-band")!.textContent).toBe("2e-4 to 0.011");
    expect(find("suggestion-reason")!.textContent).toBe(reason);
    expect(find("copy-rate")!.title).toBe(`Copy ${copied}`);
    expect(find("mark-label")!.textContent).toBe(label);
    expect(marks()).toEqual(dots);
  });

  it("says in words that a method knows no such rate, and shows no other one", async () => {
    await state.finder.setMethod("steepest");
    await choose("cyclical");
    expect(find("suggestion-reason")!.textContent).toBe("Only for a constant rate: choose Recommended.");
    expect(find("suggestion-rate")!.textContent).toBe("–");
    for (const id of ["copy-rate", "mark-label", "mark"]) expect(find(id)).toBeNull();
    expect(find("band")).not.toBeNull();
    await choose("constant");
    expect(find("suggestion-rate")!.textContent).toBe("0.0031");
  });
});

describe("the confidence", () => {
  const suggestion = async (fields: Record<string, unknown>) => {
    new Server(A).suggestions.set(A, fields);
    await show();
  };

  it.each([
    ["sure", 0.966, "97 % of such suggestions were good in the benchmark"],
    ["likely", 0.8, "80 % of such suggestions were good in the benchmark"],
    ["doubtful", null, ""],
  ])("is one word, %s, and a number on hover", async (confidence, probability, title) => {
    await suggestion({ confidence, probability });
    expect(find("confidence")!.textContent).toBe(confidence);
    expect(find("confidence")!.title).toBe(title);
  });

  it("is absent where the method has none", async () => {
    await suggestion({ confidence: null, probability: null });
    expect(find("confidence")).toBeNull();
  });

  it("is explained only where there is a doubt", async () => {
    await suggestion({ confidence: "doubtful", doubt: "It was still falling: raise end_lr." });
    expect(find("doubt")!.textContent).toBe("It was still falling: raise end_lr.");
    await state.finder.setMethod("steepest");
    await settle();
    expect(find("doubt")).toBeNull();
  });
});

describe("the trials", () => {
  const TRIALS = [
    { learning_rate: 0.002, steps: 100, loss: 0.4567 },
    { learning_rate: 0.0031, steps: 100, loss: -0.5 },
    { learning_rate: 0.009, steps: 100, loss: 1e9 },
    { learning_rate: 0.03, steps: 37, loss: null },
  ];
  const trained = async (trials: readonly object[], fields: Record<string, unknown> = {}) => {
    const server = new Server(A, B);
    server.values.set(A, DESCENT);
    server.fields.set(A, { trials });
    server.suggestions.set(A, fields);
    await show();
  };
  const summary = () => find("trials")!.querySelector("summary")!.textContent;
  const top = (trial: HTMLElement) => Number(/[\d.]+(?=\))/.exec(trial.getAttribute("transform")!)![0]);

  it("are drawn at their rates and losses, each with its sentence", async () => {
    await trained(TRIALS);
    expect(all("trial").map(({ dataset }) => [dataset.id, dataset.rate, dataset.loss])).toEqual([
      [A, "0.002", "0.4567"],
      [A, "0.0031", "-0.5"],
      [A, "0.009", "1000000000"],
      [A, "0.03", "diverged"],
    ]);
    expect(all("trial").map((trial) => trial.querySelector("title")!.textContent)).toEqual([
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
    state.finder.zoomTo({ x: [1e-3, 0.02], y: [0, 1] });
    await settle();
    expect(new Set(shapes()).size).toBe(3);
    expect(all("trial")).toHaveLength(3);
  });

  it("are counted in one line and listed on demand", async () => {
    await trained(TRIALS);
    expect(all("trials")).toHaveLength(1);
    expect(summary()).toBe("Confirmed by 4 short trainings of up to 100 steps.");
    const items = [...find("trials")!.querySelectorAll("li")].map(({ textContent }) => textContent);
    expect(items).toHaveLength(4);
    expect(items[3]).toBe("0.03: diverged within 37 steps");
  });

  it("may be a single one", async () => {
    await trained(TRIALS.slice(0, 1));
    expect(summary()).toBe("Confirmed by 1 short training of up to 100 steps.");
  });

  it.each([["doubtful"], [null]])("confirm nothing that is %s", async (confidence) => {
    await trained(TRIALS, { confidence });
    expect(summary()).toBe("Rates compared in 4 short trainings of up to 100 steps.");
  });
});

describe("how a run stands", () => {
  async function status(fields: Record<string, unknown>) {
    new Server(A).fields.set(A, fields);
    await show();
    return find("run-status")!;
  }

  it.each([
    [{ status: "finished", num_steps: 400 }, "Finished · 3 of 400 steps"],
    [{ status: "interrupted", num_steps: null }, "Interrupted · 3 steps"],
  ])("is said in a few words once it ended, and in a sentence on demand (%o)", async (fields, words) => {
    const shown = await status({ ...fields, status_text: "All about how it came to that." });
    expect(shown.textContent).toBe(words);
    expect(shown.title).toBe("All about how it came to that.");
    expect(find("suggestion-row")!.textContent).toContain("All about how it came to that.");
  });

  it.each(["training", "plan"])("is not said of a %s that is all there", async (kind) => {
    const server = new Server(A);
    server.fields.set(A, { kind, status: "finished", status_text: "It ended." });
    await show();
    expect([find("run-row"), find("run-status")]).toEqual([expect.anything(), null]);
  });

  it.each([
    { status: "running", status_text: "Step 3 of 300." },
    { status: "interrupted", rows: 0, status_text: "Interrupted before the first step." },
  ])("is said in full where the table does not ($status)", async (fields) => {
    expect((await status(fields)).textContent).toBe(fields.status_text);
  });
});

describe("the chart", () => {
  it("is titled by what it shows, and in general words where runs show different things", async () => {
    const server = new Server(A, B);
    for (const id of [A, B]) server.columns.set(id, { column: "accuracy", mode: "max" });
    const titles = () => [...document.querySelectorAll(".axis-title")].map(({ textContent }) => textContent);
    await show();
    expect(titles()).toEqual(["learning rate (log)", "accuracy"]);
    expect(find("chart")!.getAttribute("aria-label")).toContain("Chart of accuracy against learning rate.");
    const pointer = { clientX: 300, clientY: 200, bubbles: true };
    document.querySelector(".plot")!.dispatchEvent(new PointerEvent("pointermove", pointer));
    await settle();
    const heading = () => find("tooltip")!.querySelectorAll("th")[2]!.textContent;
    expect(heading()).toBe("accuracy");
    server.columns.delete(B);
    server.values.get(B)!.push(0.5);
    await show();
    expect(titles()).toEqual(["learning rate (log)", "value"]);
    expect(heading()).toBe("value");
  });

  it("draws line, dots, band and mark of each run, with the numbers of the server", async () => {
    new Server(A, B);
    await show();
    for (const id of ["curve", "raw", "band", "mark-label", "suggestion-row"]) {
      expect(
        all(id)
          .map((element) => element.dataset.id)
          .sort(),
      ).toEqual([A, B]);
    }
    expect(find("mark-label")!.dataset.value).toBe("0.0031");
    expect(find("mark-label")!.textContent).toBe("0.0031");
    expect(find("band")!.dataset).toMatchObject({ lower: "0.0002", upper: "0.011" });
    expect(find("chart")!.dataset.xDomain).toBe("0.001,0.1");
  });

  it("moves the line and nothing else when the slider moves", async () => {
    new Server(A);
    await show();
    const read = () => ["curve", "raw"].map((id) => find(id)!.getAttribute("d"));
    const [line, dots] = read();
    const slider = find("smoothing") as HTMLInputElement;
    slider.value = "0.9";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
    const [moved, kept] = read();
    expect(moved).not.toBe(line);
    expect(kept).toBe(dots);
  });

  it("offers to reset the zoom only while zoomed", async () => {
    new Server(A);
    await show();
    expect(find("reset-zoom")).toBeNull();
    state.finder.zoomTo({ x: [1e-2, 1e-1], y: [0, 1] });
    await settle();
    expect(find("chart")!.dataset.xDomain).toBe("0.01,0.1");
    find("reset-zoom")!.click();
    await settle();
    expect(find("chart")!.dataset.xDomain).toBe("0.001,0.1");
  });
});
