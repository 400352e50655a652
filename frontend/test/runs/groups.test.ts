import { describe, expect, it } from "vitest";
import { PaletteSlots, styleAt } from "../../src/chart/palette";
import { compileGrouping, groupsOf, stylesOf } from "../../src/runs/groups";
import type { Trace } from "../../src/server/types";
import { sweepRun, trace } from "../support/builders";

const ALL = () => true;

describe("groups", () => {
  const grouped = (by: string, expression: string, traces: readonly Trace[]) =>
    stylesOf(
      traces,
      ALL,
      compileGrouping(
        by,
        expression,
        traces.map(({ run }) => run),
      ).sharedBy!,
    );

  it.each([
    ["sgd|adam", ["Adam", "sgd", "other"]],
    ["-bs(\\d+)", ["16", "32", "other"]],
    ["x*", ["other", "other", "other"]],
    ["(a|am)*$", ["other", "other", "other"]],
    ["([a-z]+)+$", ["other", "other", "rest"]],
  ])("are named by what %s finds in the run", (expression, wanted) => {
    const traces = ["s/Adam-bs16", "s/sgd-bs32", "s/rest"].map((id) => trace(id));
    const styles = grouped("regex", expression, traces);
    expect([...styles.values()].map(({ group }) => group)).toEqual(wanted);
  });

  it("have a colour each, and different dashes within", () => {
    const optimizers = ["Adam", "SGD", "Adam", "Adam", null];
    const traces = optimizers.map((optimizer, index) =>
      trace(`s/${index}`, { settings: optimizer === null ? {} : { optimizer }, started: index }),
    );
    const styles = [...grouped("optimizer", "", traces).values()];
    const colors = styles.map(({ color }) => color);
    expect(colors).toEqual(["var(--run-0)", "var(--run-1)", "var(--run-0)", "var(--run-0)", "var(--run-unrelated)"]);
    const dashes = styles.filter(({ group }) => group === "Adam").map(({ dash }) => dash);
    expect(new Set(dashes).size).toBe(3);
    expect(styles[1]!.dash).toBe("");
  });

  it("keep their colours when a new one begins", () => {
    const [old, fresh] = [
      trace("s/z", { settings: { width: 64 }, started: 1 }),
      trace("s/a", { settings: { width: 8 }, started: 2 }),
    ];
    const colorOf = (traces: readonly Trace[]) => grouped("width", "", traces).get(old.id)!.color;
    expect(colorOf([fresh, old])).toBe(colorOf([old]));
  });

  it.each([
    [
      [1024, null, 128, 128, 1.5, 1.25],
      ["1.25 1", "1.5 1", "128 2", "1,024 1", "other 1"],
    ],
    [
      ["b", "a-10", "a-9", null],
      ["a-9 1", "a-10 1", "b 1", "other 1"],
    ],
    [
      [true, false],
      ["false 1", "true 1"],
    ],
  ])("of the values %j are listed in their order, other runs last", (values, wanted) => {
    const traces = values.map((value, index) =>
      trace(`s/${index}`, { settings: value === null ? {} : { width: value } }),
    );
    const styles = grouped("width", "", traces);
    const runs = traces.map((one) => sweepRun(one, styles.get(one.id)));
    expect(groupsOf(runs).map(({ name, runs: { length } }) => `${name} ${length}`)).toEqual(wanted);
    expect(groupsOf([sweepRun(trace("s/a"))])).toEqual([]);
  });

  it("are made by tags, and not by what every object has", () => {
    const traces = [trace("s/a", { tags: ["wide", "old"] }), trace("s/b")];
    expect([...grouped("tags", "", traces).values()].map(({ group }) => group)).toEqual(["wide, old", "other"]);
    expect([...grouped("constructor", "", traces).values()].map(({ group }) => group)).toEqual(["other", "other"]);
  });

  it("do without, in words, while the expression is not one", () => {
    expect(compileGrouping("regex", "adam(", [])).toMatchObject({
      sharedBy: null,
      error: expect.stringMatching(/not a valid/),
    });
    expect(compileGrouping("regex", "", [])).toEqual({ sharedBy: null, error: null });
  });
});

describe("the palette", () => {
  it("tells 35 runs apart, the first seven by colour alone", () => {
    const styles = Array.from({ length: 35 }, (_, slot) => styleAt(slot));
    expect(new Set(styles.map(({ color, dash }) => `${color} ${dash}`)).size).toBe(35);
    expect(styles.slice(0, 7).map(({ dash }) => dash)).toEqual(Array(7).fill(""));
    expect(styles.slice(7).every(({ dash }) => dash !== "")).toBe(true);
  });

  it("gives back the slot a run had, and the first free one where that one is taken", () => {
    const slots = new PaletteSlots([ALL]);
    const [a, b, c] = [trace("s/a"), trace("s/b"), trace("s/c")];
    slots.assign([a, b], []);
    slots.assign([c], [b]);
    expect([a, b, c].map(({ id }) => slots.of(id))).toEqual([0, 1, 0]);
    slots.assign([a], [b, c]);
    expect(slots.of(a.id)).toBe(2);
  });

  it("has one slot for two runs that no view shows together", () => {
    const slots = new PaletteSlots([({ kind }) => kind === "range_test", ({ kind }) => kind === "training"]);
    const [test, training] = [trace("s/a"), trace("s/b", { kind: "training" })];
    slots.assign([test, training], []);
    expect([test, training].map(({ id }) => slots.of(id))).toEqual([0, 0]);
  });
});
