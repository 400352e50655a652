// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../src/app/state";
import { exportCompare } from "../../src/compare/exports";
import { documentOf, tableOf } from "../../src/runs/exportTable";
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
  press,
  texts,
  unmount,
} from "../support/page";
import { Server } from "../support/server";
import { manyIds } from "../support/wire";

const IDS = ["s1/a", "s2/b", "s3/c", "s4/d"];
const SIZES = [16, 64, 64, 256];
let server: Server;
let state: State;

beforeEach(() => {
  state = mount();
  server = new Server(...IDS);
  IDS.forEach((id, index) => {
    const settings = { width: [32, 32, 128, 128][index], augmented: index % 2 > 0, batch_size: SIZES[index] };
    server.fields.set(id, { settings });
    server.rates.set(id, 1e-3 * SIZES[index]!);
  });
});

afterEach(unmount);

const compare = () => state.views.settings;
const drawn = () => compare().drawing.value!;
const asked = () => server.queries("relations").at(-1)!;

async function show(): Promise<void> {
  await poll(state);
  await click(document.querySelector("[data-testid=view][value=settings]"));
}

describe("the setting", () => {
  it("is the batch size first, among those that differ, and stands in the address", async () => {
    await show();
    expect(texts("[data-testid=setting] option")).toEqual(["width", "augmented", "Batch size"]);
    expect([compare().by.value, asked()]).toEqual(["batch_size", { by: "batch_size", value: "suggestion" }]);
    expect(idsOf("relation-point")).toEqual(IDS);
    await enter(find("setting"), "width");
    expect(Object.fromEntries(state.settings.all.value)).toMatchObject({ view: "settings", c_by: "width" });
    expect(drawn().points.map(({ place }) => place)).toEqual([32, 32, 128, 128]);
    expect([...drawn().marks.values()]).toEqual(["32", "128"]);
  });

  it("is the first of people's own where the batch size is the same", async () => {
    for (const fields of server.fields.values()) Object.assign(fields.settings as object, { batch_size: 8 });
    await show();
    expect(compare().by.value).toBe("width");
  });

  it("has a log axis where numbers span a decade, a linear one elsewhere, or the one that is chosen for it", async () => {
    await show();
    expect(drawn().kinds).toEqual({ x: "log", y: "log" });
    await enter(find("setting"), "width");
    expect(drawn().kinds.x).toBe("linear");
    await choose("setting-scale", "log");
    expect([drawn().kinds.x, state.settings.all.value.get("c_x")]).toEqual(["log", "log"]);
    await enter(find("setting"), "batch_size");
    expect(state.settings.all.value.has("c_x")).toBe(false);
  });

  it("has even places for words, in their order", async () => {
    server.fields.set("s1/a", { settings: { kind: "b-10" } });
    server.fields.set("s2/b", { settings: { kind: "b-9" } });
    server.values.delete("s3/c");
    server.values.delete("s4/d");
    await show();
    expect([...drawn().marks]).toEqual([
      [0, "b-9"],
      [1, "b-10"],
    ]);
    expect(drawn().kinds.x).toBe("linear");
    expect(find("setting-scale")).toBeNull();
  });
});

describe("what is drawn", () => {
  it("is what is ticked, and one button ticks all that are listed", async () => {
    await show();
    expect(find("show-all")).toBeNull();
    await act(() => state.setSelected(["s1/a", "s4/d"], false));
    expect(idsOf("relation-point")).toEqual([]);
    expect(find("one-value")!.textContent).toContain("All selected runs have the batch size 64");
    expect(server.asked("relations").at(-1)).toContain("trace=s2/b&trace=s3/c");
    expect(find("show-all")!.textContent).toBe("Show all 4");
    await click(find("show-all"));
    expect(idsOf("relation-point")).toEqual(IDS);
    expect(server.asked("relations").at(-1)).not.toContain("trace=");
  });

  it("has a point and a band for each run, the line of the medians, and the range of repeats", async () => {
    server.rates.set("s2/b", 0.01);
    await show();
    expect(all("relation-point").map(({ dataset }) => dataset.value)).toEqual(["0.016", "0.01", "0.064", "0.256"]);
    expect(idsOf("relation-band")).toEqual(IDS);
    expect(drawn().lines.map(({ label, repeats }) => [label, repeats.length])).toEqual([["median", 3]]);
    expect(find("relation-range")!.getAttribute("d")!.match(/V/g)).toHaveLength(1);
    expect(texts("[data-testid=marks] li")).toEqual([
      "suggested rate of a run",
      "usable band",
      "median",
      "range of repeats",
    ]);
  });

  it("has a line for each value of another setting, in the colour of its runs", async () => {
    await show();
    await enter(find("group-by"), "augmented");
    expect(asked()).toMatchObject({ group: "augmented" });
    expect(state.runs.groups.by.value).toBe("augmented");
    expect(drawn().lines.map(({ label }) => label)).toEqual(["median, augmented false", "median, augmented true"]);
    const colors = new Map(drawn().points.map(({ id, color }) => [id, color]));
    expect(drawn().lines.map(({ color }) => color)).toEqual([colors.get("s1/a"), colors.get("s2/b")]);
    expect(colors.get("s1/a")).not.toBe(colors.get("s2/b"));
    // The setting of the axis cannot be that of the lines.
    await enter(find("setting"), "augmented");
    expect(asked()).not.toHaveProperty("group");
  });

  it("says what is clear, and which runs are left out, and why", async () => {
    server.relationSentences = ["It grows."];
    for (const id of ["s1/a", "s2/b"]) server.fields.set(id, { settings: { width: 8 } });
    await show();
    expect(texts("[data-testid=relation-sentence]")).toEqual(["It grows."]);
    expect(texts("[data-testid=left-out]")).toEqual(["a and b: Its batch_size is not known."]);
  });

  it("says which runs a log axis has no place for", async () => {
    server.fields.set("s1/a", { settings: { batch_size: 0 } });
    await show();
    expect(drawn().kinds.x).toBe("linear");
    await choose("setting-scale", "log");
    expect(idsOf("relation-point")).toEqual(IDS.slice(1));
    expect(texts("[data-testid=left-out]")).toEqual(["a: A log axis has no place for values of 0 and below."]);
  });

  it("may be the lowest loss, which has neither rules nor a log axis by itself", async () => {
    await show();
    await act(() => compare().choose("s2/b"));
    expect(all("rule")).toHaveLength(2);
    await choose("relation-value", "lowest");
    expect(asked()).toMatchObject({ value: "lowest" });
    expect([drawn().kinds.y, all("rule").length, drawn().head]).toEqual(["linear", 0, ["Loss"]]);
  });

  it("asks by the method that is chosen in the LR Finder", async () => {
    await show();
    await act(() => state.views.finder.setMethod("steepest"));
    expect(asked()).toMatchObject({ method: "steepest" });
  });

  it("names the runs that one request had no room for", async () => {
    const ids = manyIds(300).map((id) => `${id}-${"x".repeat(40)}`);
    for (const id of [...server.values.keys()]) server.values.delete(id);
    ids.forEach((id, index) => {
      server.values.set(id, [3, 2, 1]);
      server.fields.set(id, { settings: { batch_size: 2 ** (index % 8) } });
    });
    await show();
    await act(() => state.setSelected(ids, true));
    expect(all("relation-point")).toHaveLength(300);
    await act(() => state.setSelected(ids.slice(0, 1), false));
    expect(all("relation-point").length).toBeLessThan(150);
    expect(find("left-out")!.textContent).toContain("One request has no room for more runs");
  });
});

describe("a point", () => {
  const at = (id: string) => {
    const dot = all("relation-point").find(({ dataset }) => dataset.id === id)!;
    return [Number(dot.getAttribute("cx")), Number(dot.getAttribute("cy"))] as const;
  };
  const clickOn = async (id: string) => {
    const [x, y] = at(id);
    for (const kind of ["pointerdown", "pointerup"]) await point(x, y, kind);
  };

  it("tells its runs where the pointer is", async () => {
    await show();
    await point(...at("s2/b"));
    expect(texts(".tooltip-title")).toEqual(["batch size 64"]);
    expect(idsOf("tooltip-row")).toEqual(["s2/b", "s3/c"]);
    expect(texts("td", find("tooltip-row")!)).toEqual(["", "b", "0.064", "0.0064 to 0.64", "sure"]);
  });

  it("is chosen by a click, and no more by the next one; its test opens from there", async () => {
    await show();
    await clickOn("s1/a");
    expect(compare().chosen.value).toBe("s1/a");
    expect(find("chosen-run")!.textContent).toContain("a: batch size 16, suggested rate 0.016");
    await clickOn("s1/a");
    expect(find("chosen-run")).toBeNull();
    await clickOn("s4/d");
    await click(find("open-test"));
    expect([state.view.value, state.views.finder.runs.shown.value.map(({ trace }) => trace.id)]).toEqual([
      "finder",
      ["s4/d"],
    ]);
  });

  it("is chosen by the keyboard", async () => {
    await show();
    const plot = find("plot");
    await press("Home", plot);
    await press("Enter", plot);
    expect(compare().chosen.value).toBe("s1/a");
  });

  it("has the lines of both rules through it, exactly", async () => {
    await show();
    await clickOn("s1/a");
    for (const path of all("rule")) {
      const numbers = path
        .getAttribute("d")!
        .match(/-?[\d.]+/g)!
        .map(Number);
      const ends = [numbers.slice(0, 2), numbers.slice(-2)] as [number[], number[]];
      const [x0, y0] = at("s1/a");
      const [x1, y1] = at("s4/d");
      // The rate is the size times 1e-3: the linear rule meets the last point, the other one the middle of the way up.
      const rise = ((ends[1][1]! - ends[0][1]!) / (ends[1][0]! - ends[0][0]!)) * (x1 - x0);
      expect(rise / (y1 - y0)).toBeCloseTo(Number(path.dataset.power), 2);
      const through = ends[0][1]! + ((ends[1][1]! - ends[0][1]!) / (ends[1][0]! - ends[0][0]!)) * (x0 - ends[0][0]!);
      expect(through).toBeCloseTo(y0, 0);
    }
    expect(texts("[data-testid=marks] li").slice(-2)).toEqual(["Linear rule", "Square-root rule"]);
  });
});

describe("the empty page", () => {
  it("says how to run a test where there is none", async () => {
    for (const id of IDS) server.values.delete(id);
    await show();
    expect(texts("h2", find("state-empty")!)).toEqual(["No learning rate test yet"]);
    expect(texts("pre")).toHaveLength(2);
    expect(texts("pre").every((code) => code!.includes('hparams={"width": 64}'))).toBe(true);
  });

  it("says how to record a setting where none differs", async () => {
    for (const id of IDS) server.fields.set(id, {});
    await show();
    expect(texts("h2", find("state-empty")!)).toEqual(["No setting differs yet"]);
    expect(server.asked("relations")).toEqual([]);
  });

  it("offers the runs that a filter finds", async () => {
    await show();
    await act(() => state.setSelected(IDS, false));
    expect(texts("h2", find("state-none-selected")!)).toEqual(["No run selected"]);
  });
});

describe("the export", () => {
  it("has a row for each run, with all settings that differ", async () => {
    await show();
    const exported = exportCompare(compare(), state.settings);
    expect(tableOf(exported.blocks).slice(0, 2)).toEqual([
      ["run", "session", "width", "augmented", "batch_size", "suggested_rate", "lower", "upper", "confidence"],
      ["a", "s1", 32, "false", 16, 0.016, 0.0016, 0.16, "sure"],
    ]);
    expect(documentOf(exported.blocks)).toHaveLength(4);
    expect(exported.title).toBe("suggested rate against batch size");
    expect(exported.facts).toMatchObject({ by: "batch_size", sentences: [], left_out: [] });
  });
});
