// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { State } from "../../src/app/state";
import { act, all, click, enter, find, idsOf, mount, point, poll, texts, unmount } from "../support/page";
import { refuse, Server, unreachable } from "../support/server";
import { A, B, manyIds, TRAINING } from "../support/wire";

let state: State;

beforeEach(() => {
  state = mount();
});

afterEach(unmount);

describe("words for every state", () => {
  it("says that it is loading before the first answer", () => {
    expect(find("state-loading")).not.toBeNull();
    expect(find("lr-finder")!.dataset.theme).toMatch(/^(light|dark)$/);
  });

  it("shows the lines to add where there is no test", async () => {
    new Server();
    await poll(state);
    expect(find("state-empty")!.textContent).toContain("callbacks=[finder]");
    expect(find("state-empty")!.textContent).toContain("tensorboard --logdir logs");
    expect(find("state-empty")!.textContent).toContain('RangeTest("logs/lr", restore=model, optimizer=optimizer)');
  });

  it("shows a malformed trace in words, beside the good ones", async () => {
    const server = new Server(A, B);
    server.fields.set(B, { status: "asleep" });
    await poll(state);
    expect(find("chart")!.querySelectorAll("[data-testid=curve]")).toHaveLength(1);
    const [good, bad] = all("run-row");
    expect(find("run-status", good)!.textContent).not.toContain("malformed");
    expect(find("run-status", bad)!.textContent).toContain("malformed: status must be one of running");
    expect(find("column")).toBeNull();
  });

  it("says how many runs are not listed", async () => {
    const server = new Server(A);
    await poll(state);
    expect(find("omitted")).toBeNull();
    server.omitted = 1;
    await poll(state);
    expect(find("omitted")!.textContent).toMatch(/^1 more run is not listed\. /);
    server.omitted = 1234;
    await poll(state);
    expect(find("omitted")!.textContent).toMatch(/^1,234 more runs are not listed\. /);
  });

  it("shows the server's sentence and retries", async () => {
    const server = new Server(A);
    server.failure = refuse("The log directory is gone.");
    await poll(state);
    expect(find("state-error")!.textContent).toContain("The log directory is gone.");
    server.failure = null;
    await click(find("state-error")!.querySelector("button"));
    expect(find("chart")).not.toBeNull();
  });

  it("keeps the chart and adds a banner when a later poll fails", async () => {
    const server = new Server(A);
    await poll(state);
    server.failure = unreachable;
    await poll(state);
    expect(find("banner")!.textContent).toBe("TensorBoard does not answer; trying again…");
    expect(find("chart")).not.toBeNull();
  });

  it("tells apart no selection and no match", async () => {
    new Server(A);
    await poll(state);
    await click(find("run-row")!.querySelector("input"));
    expect(find("state-none-selected")!.textContent).toContain("No run selected");
    await act(() => state.runs.setFilter("nothing like this"));
    expect(find("state-none-selected")!.textContent).toContain("No run matches");
  });

  it("offers the runs that a filter finds, where none of them is chosen, without the probes among them", async () => {
    const server = new Server(...manyIds(14));
    server.addSchedule(A, TRAINING);
    server.addProbes(A, [0, 2]);
    await poll(state);
    expect(find("selected")!.textContent).toBe("10 of 16 selected");
    await act(() => state.runs.setFilter("run-1[0-3]|probes"));
    expect(find("selected")!.textContent).toBe("0 of 6 matches selected");
    expect(find("state-none-selected")!.textContent).toContain("The filter finds 4 runs that are not selected");
    expect(find("show-found")!.textContent).toBe("Show these 4");
    await click(find("show-found"));
    expect(idsOf("curve")).toEqual(manyIds(14).slice(10));
    expect(find("selected")!.textContent).toBe("4 of 6 matches selected");
  });

  it("waits for the first batch", async () => {
    const server = new Server(A);
    server.values.set(A, []);
    server.fields.set(A, { status: "running" });
    await poll(state);
    expect(document.body.textContent).toContain("Waiting for the first batch");
    expect(find("suggestion-reason")!.textContent).toBe("Waiting for the first batch.");
  });

  it("shows why a damaged trace has no curve, beside those that have one", async () => {
    const server = new Server(A, B);
    server.values.set(B, []);
    server.fields.set(B, { status: "damaged", status_text: "Its header cannot be read." });
    await poll(state);
    expect(all("curve")).toHaveLength(1);
    expect(all("run-status")[1]!.textContent).toBe("Its header cannot be read.");
    expect(all("run-status")[1]!.className).toContain("warning");
    await click(all("run-row")[1]!.querySelector("input"));
    expect(all("suggestion-reason")[1]!.textContent).toBe("Its header cannot be read.");
  });
});

describe("how a run stands", () => {
  async function status(fields: Record<string, unknown>) {
    new Server(A).fields.set(A, fields);
    await poll(state);
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
    const shown = await status({ kind, status: "finished", status_text: "It ended." });
    expect([find("run-row"), shown]).toEqual([expect.anything(), null]);
  });

  it.each([
    { status: "running", status_text: "Step 3 of 300." },
    { status: "interrupted", rows: 0, status_text: "Interrupted before the first step." },
  ])("is said in full where the table does not ($status)", async (fields) => {
    expect((await status(fields)).textContent).toBe(fields.status_text);
  });
});

describe("the menu of methods", () => {
  const menu = () => find("method") as HTMLSelectElement;
  const said = () => document.getElementById("method-description")!.textContent;
  let server: Server;

  const shown = async (...methods: (string | null)[]) => {
    server = new Server(A, B);
    for (const [index, id] of [A, B].entries()) server.fields.set(id, { method: methods[index] });
    await poll(state);
  };

  it.each([
    ["nothing", null],
    ["the default one", "auto"],
  ])("shows the default one where the tests recorded %s", async (_, method) => {
    await shown(method, null);
    expect(texts("option", menu())).toEqual(["Recommended", "Steepest"]);
    expect(menu().value).toBe("auto");
    expect(said()).toBe("What we would take.");
  });

  it.each([
    [["steepest", null], "As recorded", "Recommended and Steepest"],
    [["steepest", "steepest"], "As recorded: Steepest", "Steepest"],
  ])("says which ones are in force where the tests recorded %s", async (methods, option, names) => {
    await shown(...methods);
    expect(texts("option", menu())).toEqual([option, "Recommended", "Steepest"]);
    expect(menu().value).toBe("");
    expect(said()).toBe(`Each run by the method that its test recorded: ${names}.`);
  });

  it("keeps what somebody chose, and leads back", async () => {
    await shown("steepest", null);
    await enter(menu(), "auto");
    expect(menu().value).toBe("auto");
    expect(find("suggestion-method")).toBeNull();
    await enter(menu(), "");
    expect(menu().value).toBe("");
    expect(texts("[data-testid=suggestion-method]")).toEqual(["Steepest", "Recommended"]);
  });
});

describe("the chart", () => {
  it("is titled by what it shows, and in general words where runs show different things", async () => {
    const server = new Server(A, B);
    for (const id of [A, B]) server.columns.set(id, { column: "accuracy", mode: "max" });
    await poll(state);
    expect(texts(".axis-title")).toEqual(["learning rate (log)", "accuracy"]);
    expect(find("chart")!.getAttribute("aria-label")).toContain("Chart of accuracy against learning rate.");
    await point(300, 200);
    const heading = () => find("tooltip")!.querySelectorAll("th")[2]!.textContent;
    expect(heading()).toBe("accuracy");
    server.columns.delete(B);
    server.values.get(B)!.push(0.5);
    await poll(state);
    expect(texts(".axis-title")).toEqual(["learning rate (log)", "value"]);
    expect(heading()).toBe("value");
  });

  it("draws line, dots, band and mark of each run, with the numbers of the server", async () => {
    new Server(A, B);
    await poll(state);
    for (const id of ["curve", "raw", "band", "edge", "mark-label", "suggestion-row"]) {
      expect(idsOf(id).sort()).toEqual([A, B]);
    }
    expect(find("mark-label")!.dataset.value).toBe("0.0031");
    expect(find("mark-label")!.textContent).toBe("0.0031");
    expect(find("band")!.dataset).toMatchObject({ lower: "0.0002", upper: "0.011" });
    expect(find("edge")!.dataset.value).toBe("0.032");
    expect(find("chart")!.dataset.xDomain).toBe("0.001,0.1");
  });

  it("moves the line and nothing else when the slider moves", async () => {
    new Server(A);
    await poll(state);
    const read = () => ["curve", "raw"].map((id) => find(id)!.getAttribute("d"));
    const [line, dots] = read();
    await enter(find("smoothing"), "0.9", "input");
    const [moved, kept] = read();
    expect(moved).not.toBe(line);
    expect(kept).toBe(dots);
  });

  it("offers to reset the zoom only while zoomed", async () => {
    new Server(A);
    await poll(state);
    expect(find("reset-zoom")).toBeNull();
    await act(() => state.views.finder.zoomTo({ x: [1e-2, 1e-1], y: [0, 1] }));
    expect(find("chart")!.dataset.xDomain).toBe("0.01,0.1");
    await click(find("reset-zoom"));
    expect(find("chart")!.dataset.xDomain).toBe("0.001,0.1");
  });

  it("is left alone by an export that fails, which is said", async () => {
    new Server(A);
    await poll(state);
    vi.spyOn(find("chart")!, "getBoundingClientRect").mockImplementation(() => {
      throw new Error("It is not laid out.");
    });
    await click(find("export"));
    await click(document.querySelector("[role=menuitem][value=svg]"));
    expect(find("export")!.textContent).toBe("Export failed");
    expect([...document.body.children]).toEqual([find("lr-finder")]);
  });
});
