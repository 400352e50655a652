// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../src/app/state";
import { exportFinder } from "../../src/finder/exports";
import {
  act,
  all,
  choose,
  click,
  clipboard,
  enter,
  find,
  idsOf,
  mount,
  poll,
  settle,
  texts,
  unmount,
} from "../support/page";
import { Server } from "../support/server";
import { suggestionJson, USES } from "../support/wire";

const IDS = ["s1/a", "s2/b", "s3/c", "s4/d"];
let server: Server;
let state: State;

beforeEach(() => {
  state = mount();
  server = new Server(...IDS);
  const optimizers = ["Adam", "SGD", "Adam", null];
  const lowest = [0.5, 0.1, 2, 0.3];
  IDS.forEach((id, index) => {
    server.columns.set(id, { lowest: { learning_rate: 0.04, value: lowest[index]! } });
    server.fields.set(id, { optimizer: optimizers[index], started: 1e9 + index });
  });
});

afterEach(unmount);

const rows = () => idsOf("suggestion-row");

async function show(...hidden: string[]) {
  await poll(state);
  if (hidden.length > 0) await act(() => state.setSelected(hidden, false));
}

describe("the table", () => {
  it("is sorted by a click on a heading, up, down and as it was", async () => {
    await show();
    const sorting = () => find("sort-lowest")!.closest("th")!.getAttribute("aria-sort");
    expect([rows(), sorting()]).toEqual([IDS, "none"]);
    await click(find("sort-lowest"));
    expect([rows(), sorting()]).toEqual([["s2/b", "s4/d", "s1/a", "s3/c"], "ascending"]);
    expect(state.settings.all.value.get("sort")).toBe("lowest");
    await click(find("sort-lowest"));
    expect([rows(), sorting()]).toEqual([["s3/c", "s1/a", "s4/d", "s2/b"], "descending"]);
    await click(find("sort-lowest"));
    expect([rows(), sorting()]).toEqual([IDS, "none"]);
  });

  it("says how many of all runs it compares", async () => {
    await show("s1/a");
    expect(find("compared")!.textContent).toBe("3 of 4");
    await act(() => state.runs.setFilter("^d$"));
    expect(find("compared")!.textContent).toBe("1 of 4");
    expect(rows()).toEqual(["s4/d"]);
  });

  it("tells the words of up to three runs, and of more when asked", async () => {
    await show();
    expect(all("suggestion-reason")).toHaveLength(0);
    const fold = find("details")!;
    expect(fold.getAttribute("aria-expanded")).toBe("false");
    await click(fold);
    expect(fold.getAttribute("aria-expanded")).toBe("true");
    const reason = find("suggestion-reason", all("suggestion-row")[0]!)!;
    expect(reason.textContent).toBe("It is steepest.");
    expect(document.getElementById(fold.getAttribute("aria-controls")!)!.contains(reason)).toBe(true);
    await act(() => state.setSelected(["s4/d"], false));
    expect(all("suggestion-reason")).toHaveLength(3);
    await click(fold);
    expect(all("suggestion-reason")).toHaveLength(2);
  });

  it("has no column that holds nothing", async () => {
    server.values.delete("s4/d");
    await show();
    expect(find("sort-edge")).not.toBeNull();
    server.suggestions.set("s5/e", { edge: null, edge_ratio: null });
    server.values.set("s5/e", [3, 2, 1]);
    await poll(state);
    await act(() => state.selectOnly("s5/e", [...IDS, "s5/e"]));
    expect(find("sort-edge")).toBeNull();
  });

  it("has a column for each setting that differs, by the size of numbers, and copies those without room", async () => {
    const copied = clipboard();
    const widths = [128, 16, 1024, 64];
    IDS.forEach((id, index) => {
      const settings = { width: widths[index], batch_size: 2 ** index, depth: index, decay: index / 8, same: 1 };
      server.fields.set(id, { settings });
    });
    await show();
    expect(texts("[data-testid^='sort-settings.']")).toEqual(["width", "Batch size", "depth"]);
    await click(find("sort-settings.width"));
    expect(texts("[data-testid='suggestion-settings.width']")).toEqual(["16", "64", "128", "1,024"]);
    expect(state.settings.all.value.get("sort")).toBe("settings.width");
    await click(find("details"));
    await click(find("copy-row"));
    expect(copied[0]).toMatch(/^Run\twidth\tBatch size\tdepth\tdecay\t.*\nb\t16\t2\t1\t0\.125\t/);
    // The column goes with the difference, and with it the order.
    await act(() => state.selectOnly("s1/a", IDS));
    expect(find("sort-settings.width")).toBeNull();
  });

  it("gives a row to a spreadsheet, with titles and all digits", async () => {
    const copied = clipboard();
    await show();
    await click(find("details"));
    await click(find("copy-row"));
    const [titles, values] = copied[0]!.split("\n").map((line) => line.split("\t"));
    const cell = (title: string) => values![titles!.indexOf(title)];
    expect(titles).toHaveLength(values!.length);
    expect([cell("Run"), cell("Optimizer"), cell("Constant rate")]).toEqual(["a", "Adam", "0.0031"]);
    expect([cell("Usable band"), cell("Lowest loss, smoothed"), cell("At rate")]).toEqual([
      "0.0002, 0.011",
      "0.5",
      "0.04",
    ]);
    expect(cell("Started")).toBe("2001-09-09T01:46:40.000Z");
  });

  it("puts a run forward in the chart while the pointer or the keyboard is in its row, and the other way round", async () => {
    await show();
    const [row] = all("suggestion-row");
    for (const [arrive, leave] of [
      ["pointerenter", "pointerleave"],
      ["focusin", "focusout"],
    ] as const) {
      await act(() => row!.dispatchEvent(new Event(arrive)));
      expect(state.runs.focused.value).toBe("s1/a");
      await act(() => row!.dispatchEvent(new Event(leave)));
      expect(state.runs.focused.value).toBeNull();
    }
    await act(() => state.runs.point("s2/b"));
    expect(all("suggestion-row").map(({ className }) => className)).toEqual(["", "front", "", ""]);
    expect(state.runs.preferred.value).toBe("s1/a");
  });
});

describe("a new chart", () => {
  it("leaves a run forward whose row the pointer is in already", async () => {
    await show();
    await act(() => all("suggestion-row")[1]!.dispatchEvent(new Event("pointerenter")));
    await settle(100);
    expect(state.runs.focused.value).toBe("s2/b");
  });
});

describe("groups", () => {
  const stroke = (id: string) =>
    document.querySelector<HTMLElement>(`[data-testid=suggestion-row][data-id="${id}"] .swatch`)!.style.stroke;

  it("share a colour, and are shown and hidden at once", async () => {
    await show();
    await enter(find("group-by"), "optimizer");
    expect(texts("[data-testid=group]")).toEqual(["Adam2", "SGD1", "other1"]);
    expect(stroke("s1/a")).toBe(stroke("s3/c"));
    expect(new Set(["s1/a", "s2/b", "s4/d"].map(stroke)).size).toBe(3);
    await click(find("group")!.querySelector("input"));
    expect(rows()).toEqual(["s2/b", "s4/d"]);
    expect(state.settings.all.value.get("group")).toBe("optimizer");
  });

  it("follow an expression, or words say why not", async () => {
    await show();
    await enter(find("group-by"), "regex");
    expect(all("group")).toHaveLength(0);
    await enter(find("group-expression"), "[ab]", "input");
    expect(all("group").map(({ dataset }) => dataset.name)).toEqual(["a", "b", "other"]);
    await enter(find("group-expression"), "[ab", "input");
    expect(all("group")).toHaveLength(0);
    expect(find("group-expression")!.getAttribute("aria-invalid")).toBe("true");
    expect(document.querySelector(".grouping [role=alert]")!.textContent).toContain("the runs are not grouped");
  });
});

describe("small multiples", () => {
  it("are one chart per run over the same axes", async () => {
    await show();
    const [x, y] = [find("chart")!.dataset.xDomain, find("chart")!.dataset.yDomain];
    await choose("layout", "multiples");
    expect(idsOf("multiple")).toEqual(IDS);
    expect(all("chart").map(({ dataset }) => [dataset.xDomain, dataset.yDomain])).toEqual(IDS.map(() => [x, y]));
    expect(find("multiple")!.querySelector("figcaption")!.textContent).toBe("a0.0031");
    await act(() => all("multiple")[2]!.dispatchEvent(new Event("pointerenter")));
    expect(all("suggestion-row")[2]!.className).toBe("front");
    expect(all("multiple")[2]!.className).toBe("front");
  });

  it("are one chart per group where runs are grouped", async () => {
    await show();
    await choose("layout", "multiples");
    await act(() => state.runs.groups.setBy("optimizer"));
    expect(texts("[data-testid=multiple] figcaption")).toEqual(["Adam2 runs", "SGD1 run", "other1 run"]);
    expect(find("multiple")!.querySelectorAll("[data-testid=curve]")).toHaveLength(2);
  });

  it("are not offered for a single run", async () => {
    await show();
    await choose("layout", "multiples");
    await act(() => state.selectOnly("s1/a", IDS));
    expect(find("layout")).toBeNull();
    expect(all("multiple")).toHaveLength(0);
    expect(all("chart")).toHaveLength(1);
  });
});

describe("mean and range", () => {
  const curves = () => idsOf("curve");

  it("are offered where runs are grouped, and draw one line per group, with its range", async () => {
    server.values.set("s3/c", [5, 6, 7]);
    await show();
    const values = () => [...find("layout")!.querySelectorAll("input")].map(({ value }) => value);
    expect(values()).toEqual(["one", "multiples"]);
    await enter(find("group-by"), "optimizer");
    expect(values()).toEqual(["one", "multiples", "means"]);
    const [x, y] = [find("chart")!.dataset.xDomain, find("chart")!.dataset.yDomain];
    await choose("layout", "means");
    expect(all("curve")).toHaveLength(3);
    expect(all("spread")).toHaveLength(3);
    expect([all("raw"), all("mark")]).toEqual([[], []]);
    expect([find("chart")!.dataset.xDomain, find("chart")!.dataset.yDomain]).toEqual([x, y]);
    expect(texts("[data-testid=marks] li").slice(0, 4)).toEqual([
      "Adam: mean of 2 runs",
      "SGD: mean of 1 run",
      "other: mean of 1 run",
      "from the group's lowest run to its highest",
    ]);
    await enter(find("group-by"), "none");
    expect(curves()).toEqual(IDS);
  });

  it("put the group of a run forward, and keep the pinned run beside them", async () => {
    await show();
    await enter(find("group-by"), "optimizer");
    await choose("layout", "means");
    await click(all("pin")[1]!);
    expect(curves()).toContain("s2/b");
    expect(curves()).toHaveLength(4);
    expect(texts("[data-testid=marks] li")).toContain("usable band");
    await act(() => state.runs.focus("s3/c"));
    expect(all("front")).toHaveLength(1);
    expect(find("front")!.dataset.id).toBe(curves()[1]);
  });

  it("have outlines that end with the plot, since dots far outside of it cost seconds", async () => {
    server.values.set("s3/c", [5, 4, 1e30]);
    await show();
    await enter(find("group-by"), "optimizer");
    await choose("layout", "means");
    const outline = find("spread")!.nextElementSibling!.getAttribute("d")!;
    const places = outline.match(/-?[\d.]+/g)!.map(Number);
    expect(Math.max(...places.map(Math.abs))).toBeLessThan(1_000);
  });

  it("are exported as they are drawn", async () => {
    server.values.set("s3/c", [5, 4, 9]);
    await show();
    await act(() => state.views.finder.setSmoothing(0));
    await enter(find("group-by"), "optimizer");
    await choose("layout", "means");
    const { blocks, legend } = exportFinder(state.views.finder, state.settings);
    expect(blocks.map(({ names }) => names)).toEqual([{ group: "Adam" }, { group: "SGD" }, { group: "other" }]);
    const { columns, facts } = blocks[0]!;
    const ends = (name: string) => [columns[name]![0], columns[name]!.at(-1)];
    expect(ends("learning_rate")).toEqual([0.001, 0.1]);
    expect([ends("mean"), ends("lowest"), ends("highest")]).toEqual([
      [4, 5],
      [3, 1],
      [5, 9],
    ]);
    expect(facts).toEqual({ column: "loss", runs: ["s1/a", "s3/c"] });
    expect(legend.map(({ label }) => label)).toContain("Adam: mean of 2 runs");
  });
});

describe("the pinned run", () => {
  const pinned = () => state.settings.all.value.get("pin");

  it("is first in the list and the table, whatever the filter and the order", async () => {
    await show();
    await click(all("pin")[2]!);
    expect([idsOf("run-row")[0], rows()]).toEqual(["s3/c", ["s3/c", "s1/a", "s2/b", "s4/d"]]);
    await click(find("sort-lowest"));
    expect(rows()).toEqual(["s3/c", "s2/b", "s4/d", "s1/a"]);
    await act(() => state.runs.setFilter("^b$"));
    expect([idsOf("run-row"), rows(), idsOf("curve")]).toEqual(Array(3).fill(["s3/c", "s2/b"]));
    expect(document.querySelectorAll(".lines .pinned")).toHaveLength(1);
  });

  it("stays when another one is shown alone or nothing is, and goes when it is unticked", async () => {
    await show();
    await click(all("pin")[2]!);
    await click(find("only", document.querySelector('[data-testid=run-row][data-id="s1/a"]')!));
    expect(rows()).toEqual(["s3/c", "s1/a"]);
    await click(find("select-all")!.querySelector("input"));
    await click(find("select-all")!.querySelector("input"));
    expect(rows()).toEqual(["s3/c"]);
    await click(find("run-row")!.querySelector("input"));
    expect([rows(), pinned()]).toEqual([[], undefined]);
  });

  it("is in the address, also where it is none of the chosen ones", async () => {
    state.settings.take(
      new Map([
        ["pin", JSON.stringify("s4/d")],
        ["runs", "none\n0 s1/a"],
      ]),
    );
    await show();
    expect(rows()).toEqual(["s4/d", "s1/a"]);
    expect(find("pin")!.getAttribute("aria-pressed")).toBe("true");
    await click(find("pin"));
    expect([rows(), pinned()]).toEqual([["s1/a", "s4/d"], undefined]);
  });

  it("is what the other rates are compared with", async () => {
    const uses = USES.map((use) => ({ ...use, learning_rate: 0.0062 }));
    server.suggestions.set("s2/b", { ...suggestionJson("s2/b"), uses });
    await show();
    expect(all("times")).toHaveLength(0);
    await click(find("pin"));
    expect(texts("[data-testid=times]")).toEqual(["×2", "×1", "×1"]);
  });
});

describe("notes and tags", () => {
  it("stand in the row of their run and in its details", async () => {
    server.fields.set("s1/a", { note: "wide <b>net</b>", tags: ["wide", "try 2"] });
    await show("s4/d");
    expect(all("run-note")).toHaveLength(1);
    expect(find("run-note")!.title).toBe("wide <b>net</b>");
    expect(texts(".tag", find("run-row")!)).toEqual(["wide", "try 2"]);
    expect(texts("[data-testid=note]")).toEqual(["wide · try 2 · wide <b>net</b>"]);
  });
});

describe("the list", () => {
  it("shows one run alone on demand", async () => {
    await show();
    await click(all("only")[1]!);
    expect(rows()).toEqual(["s2/b"]);
    await click(all("only")[2]!);
    expect(rows()).toEqual(["s3/c"]);
  });
});
