import { describe, expect, it } from "vitest";
import { State } from "../../src/app/state";
import { readSelection, writeSelection } from "../../src/runs/selection";
import { trace } from "../support/builders";
import { opened, Server } from "../support/server";
import { manyIds } from "../support/wire";

const IDS = manyIds(12);
const USUAL = IDS.slice(0, 10);

const chosen = (state: State) =>
  state.views.finder.runs.all.value.filter(({ isSelected }) => isSelected).map(({ trace }) => trace.id);
const written = (state: State) => state.settings.all.value.get("runs");

async function openedWith(runs: string | undefined, ...ids: string[]) {
  const server = new Server(...ids);
  const state = new State();
  state.settings.take(new Map(runs === undefined ? [] : [["runs", runs]]));
  await state.refresh();
  return { server, state };
}

describe("a selection as text", () => {
  const traces = IDS.map((id) => trace(id));
  const places = (ids: readonly string[], first = 0) => new Map(ids.map((id, index) => [id, first + index]));

  it("is as short as it can be", () => {
    expect(writeSelection(traces, places(USUAL))).toBeNull();
    expect(writeSelection(traces, places(IDS))).toBe("all");
    expect(writeSelection(traces, places([]))).toBe("none");
    expect(writeSelection(traces, places(IDS.slice(1), 1))).toBe("all\ns/run-0");
    expect(writeSelection(traces, places(IDS.slice(0, 2)))).toBe("none\n0 s/run-0\n1 s/run-1");
  });

  it.each([
    [places(IDS)],
    [places([])],
    [places(IDS.slice(1), 1)],
    [places(IDS.slice(1), 7)],
    [places(IDS.slice(3, 5), 2)],
  ])("is read as it was written", (chosen) => {
    expect(readSelection(writeSelection(traces, chosen)!)!.choose(traces)).toEqual(chosen);
  });

  it("may be unreadable", () => {
    expect(readSelection("some\ns/run-0")).toBeUndefined();
  });
});

describe("the selection in the address", () => {
  it("is not there while nobody chooses, or chose the same in the end", async () => {
    const { state } = await openedWith(undefined, ...IDS);
    expect(written(state)).toBeUndefined();
    await state.setSelected(["s/run-0"], false);
    expect(written(state)).toBe("all\ns/run-0\ns/run-10\ns/run-11");
    await state.setSelected(["s/run-0"], true);
    expect(written(state)).toBeUndefined();
  });

  it("wins over what is chosen for nobody, though the traces come later", async () => {
    const { server, state } = await openedWith("none\n0 s/run-3\n1 s/run-11", ...IDS);
    expect(chosen(state)).toEqual(["s/run-3", "s/run-11"]);
    expect(server.asked("curves")).toEqual(["curves?trace=s/run-3&trace=s/run-11&max_points=4000&smoothing=0.6"]);
    expect(written(state)).toBe("none\n0 s/run-3\n1 s/run-11");
  });

  it.each([
    ["nothing", []],
    ["a part of them", ["s/run-3"]],
  ])("waits for the runs it names while TensorBoard has read %s", async (_, ids) => {
    const { server, state } = await openedWith("none\n0 s/run-3\n4 s/run-11", ...ids);
    for (const id of ["s/run-3", "s/run-11"]) server.values.set(id, [1]);
    await state.refresh();
    expect(chosen(state)).toEqual(["s/run-3", "s/run-11"]);
    expect(written(state)).toBe("none\n0 s/run-3\n4 s/run-11");
  });

  it.each([
    ["none\n0 s/run-3", "none\n0 s/run-3\n1 s/run-new", ["s/run-3", "s/run-new"]],
    ["all\ns/run-3", "none\n1 s/run-4\n0 s/run-new", ["s/run-4", "s/run-new"]],
  ])("says nothing of what is not in the first list: %s", async (text, then, ids) => {
    const { server, state } = await openedWith(text, "s/run-3", "s/run-4");
    server.values.set("s/run-new", [1]);
    await state.refresh();
    expect(chosen(state)).toEqual(ids);
    expect(written(state)).toBe(then);
  });

  it.each([
    ["ahead", 3600],
    ["behind", -3600],
  ])("holds whatever the clock of the training says: an hour %s", async (_, seconds) => {
    const server = new Server("s/run-3", "s/run-4");
    const started = Date.now() / 1000 + seconds;
    for (const id of server.values.keys()) server.fields.set(id, { started });
    const state = new State();
    state.settings.take(new Map([["runs", "none\n0 s/run-3"]]));
    await state.refresh();
    expect(chosen(state)).toEqual(["s/run-3"]);
    server.values.set("s/run-new", [1]);
    server.fields.set("s/run-new", { started });
    await state.refresh();
    expect(chosen(state)).toEqual(["s/run-3", "s/run-new"]);
  });

  it("ends with the first choice", async () => {
    const { state } = await openedWith("none\n0 s/run-3", ...IDS);
    await state.setSelected(["s/run-4"], true);
    expect(written(state)).toBe("none\n0 s/run-3\n1 s/run-4");
  });

  it("applies when it changes, and without one the usual runs are chosen", async () => {
    const { state } = await openedWith(undefined, ...IDS);
    state.settings.take(new Map([["runs", "all\ns/run-0"]]));
    expect(chosen(state)).toEqual(IDS.slice(1));
    state.settings.take(new Map([["runs", "nonsense"]]));
    expect(chosen(state)).toEqual(IDS.slice(1));
    state.settings.take(new Map());
    expect(chosen(state)).toEqual(USUAL);
    await state.settle();
    expect(state.views.finder.series.value.map(({ id }) => id)).toEqual(USUAL);
  });

  it.each([
    ["left out", [], ["s/run-0"]],
    ["chosen one after another", IDS, ["s/run-9", "s/run-11", "s/run-1"]],
  ])("keeps the colours of runs that were %s", async (_, without, then) => {
    const { state } = await openedWith(undefined, ...IDS);
    await state.setSelected(without, false);
    for (const id of then) await state.setSelected([id], without.length > 0);
    const look = (one: State) =>
      one.views.finder.runs.shown.value.map(({ trace, color, dash }) => [trace.id, color, dash]);
    const other = await openedWith(written(state), ...IDS);
    expect(look(other.state)).toEqual(look(state));
  });
});

describe("many runs", () => {
  const ids = Array.from({ length: 2000 }, (_, index) => `s${index}/same`);

  it("of one directory are told apart, and the first ten chosen", async () => {
    new Server(...ids);
    const state = await opened();
    expect(state.views.finder.runs.shown.value).toHaveLength(10);
    expect(state.views.finder.runs.all.value.every(({ apart }) => apart !== null)).toBe(true);
  });
});

describe("the choice of one run", () => {
  it("leaves those of other views alone", async () => {
    const server = new Server("s1/a", "s2/b");
    server.addSchedule("s3/training", { step: [0, 1], learning_rate: [1, 1] });
    const state = await opened();
    await state.selectOnly(
      "s2/b",
      state.views.finder.runs.all.value.map(({ trace: { id } }) => id),
    );
    expect(state.views.finder.runs.shown.value.map(({ trace: { id } }) => id)).toEqual(["s2/b"]);
    expect(state.views.schedules.runs.shown.value).toHaveLength(1);
  });
});

describe("the list of runs", () => {
  it("counts as people do", async () => {
    new Server("a/batch 128", "b/batch 16", "c/batch 32", "e/batch 64", "d/batch 64");
    const state = await opened();
    expect(state.views.finder.runs.listed.value.map(({ trace }) => trace.id)).toEqual([
      "b/batch 16",
      "c/batch 32",
      "e/batch 64",
      "d/batch 64",
      "a/batch 128",
    ]);
  });
});

describe("the runs that are chosen for nobody", () => {
  const failed = { status: "interrupted", stop_reason: "error", rows: 0 };

  /** Runs with a start each, the later the higher its number; those of `broken` have no point. */
  async function begun(count: number, broken: readonly number[] = []) {
    const server = new Server(...manyIds(count));
    for (const [index, id] of manyIds(count).entries()) {
      server.fields.set(id, { started: 1000 + index, ...(broken.includes(index) ? failed : {}) });
    }
    return { server, state: await opened() };
  }

  it("are the newest, in the order of the list", async () => {
    const { state } = await begun(12);
    expect(chosen(state)).toEqual(IDS.slice(2));
    expect(written(state)).toBeUndefined();
  });

  it("have points, while others have some", async () => {
    const { state } = await begun(4, [1, 3]);
    expect(chosen(state)).toEqual(["s/run-0", "s/run-2"]);
    expect(chosen((await begun(2, [0, 1])).state)).toEqual(["s/run-0", "s/run-1"]);
  });

  it("are those of each view on their own", async () => {
    const server = new Server("s/test");
    server.addSchedule("s/training", { step: [] }, failed);
    const state = await opened();
    expect(state.views.schedules.runs.shown.value.map(({ trace: { id } }) => id)).toEqual(["s/training"]);
  });

  it("make room for a test that begins, until somebody chooses", async () => {
    const { server, state } = await begun(10);
    const begin = async (id: string, started: number) => {
      server.values.set(id, []);
      server.fields.set(id, { status: "running", started });
      await state.refresh();
    };
    await begin("s/run-10", 2000);
    expect(chosen(state)).toEqual(manyIds(11).slice(1));
    expect(written(state)).toBeUndefined();
    await state.setSelected(["s/run-5"], false);
    await state.setSelected(["s/run-0"], true);
    await begin("s/run-11", 3000);
    expect(chosen(state)).not.toContain("s/run-11");
    expect(chosen(state)).toContain("s/run-0");
  });

  it("let go of a test that failed before its first point", async () => {
    const { server, state } = await begun(11, [10]);
    server.fields.set("s/run-10", { status: "running", started: 1010, rows: 0 });
    await state.refresh();
    expect(chosen(state)).toEqual(manyIds(11).slice(1));
    server.fields.set("s/run-10", { ...failed, started: 1010 });
    await state.refresh();
    expect(chosen(state)).toEqual(manyIds(10));
    expect(written(state)).toBeUndefined();
  });
});

describe("the looks of the chosen runs", () => {
  const many = manyIds(60);
  const looks = (state: State) => state.views.finder.runs.shown.value.map(({ color, dash }) => `${color} ${dash}`);

  async function withAll() {
    new Server(...many);
    const state = await opened();
    await state.setSelected(many, true);
    return state;
  }

  it("all differ, whichever ten of sixty they are", async () => {
    const state = await withAll();
    const left = many.filter((_, index) => index % 7 === 0 || index === 59);
    await state.setSelected(
      many.filter((id) => !left.includes(id)),
      false,
    );
    expect(new Set(looks(state)).size).toBe(10);
  });

  it("need no dashes where seven are chosen anew", async () => {
    const state = await withAll();
    await state.setSelected(many, false);
    await state.setSelected(many.slice(50, 57), true);
    expect(looks(state).every((look) => look.endsWith(") "))).toBe(true);
    expect(new Set(looks(state)).size).toBe(7);
  });

  it("stay as they are when others are left out", async () => {
    new Server(...many);
    const state = await opened();
    const before = new Map(
      state.views.finder.runs.shown.value.map(({ trace: { id }, color, dash }) => [id, color + dash]),
    );
    await state.setSelected(chosen(state).slice(0, 3), false);
    for (const { trace, color, dash } of state.views.finder.runs.shown.value) {
      expect(color + dash).toBe(before.get(trace.id));
    }
  });

  it("differ whatever an address says", async () => {
    const { state } = await openedWith("none\n0 s/run-0\n0 s/run-1\n35 s/run-2", ...IDS);
    expect(new Set(looks(state)).size).toBe(3);
  });
});
