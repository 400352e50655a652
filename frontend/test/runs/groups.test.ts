import { describe, expect, it } from "vitest";
import { lookAt, Places } from "../../src/chart/palette";
import { compileGrouping, groupsOf, looksOf } from "../../src/runs/groups";
import type { Trace } from "../../src/server/types";
import { sweepRun, trace } from "../support/builders";

const ALL = () => true;

describe("groups", () => {
  const grouped = (by: "optimizer" | "batch" | "regex", expression: string, traces: readonly Trace[]) =>
    looksOf(traces, ALL, compileGrouping(by, expression).nameOf!);

  it.each([
    ["sgd|adam", ["Adam", "sgd", "other"]],
    ["-bs(\\d+)", ["16", "32", "other"]],
    ["x*", ["other", "other", "other"]],
  ])("are named by what %s finds in the run", (expression, wanted) => {
    const traces = ["s/Adam-bs16", "s/sgd-bs32", "s/rest"].map((id) => trace(id));
    const looks = grouped("regex", expression, traces);
    expect([...looks.values()].map(({ group }) => group)).toEqual(wanted);
  });

  it("have a colour each, and different dashes within", () => {
    const optimizers = ["Adam", "SGD", "Adam", "Adam", null];
    const traces = optimizers.map((optimizer, index) => trace(`s/${index}`, { optimizer, started: index }));
    const looks = [...grouped("optimizer", "", traces).values()];
    const colors = looks.map(({ color }) => color);
    expect(colors).toEqual(["var(--run-0)", "var(--run-1)", "var(--run-0)", "var(--run-0)", "var(--run-unrelated)"]);
    const dashes = looks.filter(({ group }) => group === "Adam").map(({ dash }) => dash);
    expect(new Set(dashes).size).toBe(3);
    expect(looks[1]!.dash).toBe("");
  });

  it("keep their colours when a new one begins", () => {
    const [old, fresh] = [trace("s/z", { batchSize: 64, started: 1 }), trace("s/a", { batchSize: 8, started: 2 })];
    const colorOf = (traces: readonly Trace[]) => grouped("batch", "", traces).get(old.id)!.color;
    expect(colorOf([fresh, old])).toBe(colorOf([old]));
  });

  it("are listed by name as numbers, other runs last", () => {
    const looks = (group: string, color = "red") => sweepRun(trace(`s/${group}`), { group, color });
    const runs = [looks("128"), looks("other", "var(--run-unrelated)"), looks("16"), looks("16")];
    expect(groupsOf(runs).map(({ name, runs: { length } }) => [name, length])).toEqual([
      ["16", 2],
      ["128", 1],
      ["other", 1],
    ]);
    expect(groupsOf([sweepRun(trace("s/a"))])).toEqual([]);
  });

  it("do without, in words, while the expression is not one", () => {
    expect(compileGrouping("regex", "adam(")).toMatchObject({
      nameOf: null,
      error: expect.stringMatching(/not a valid/),
    });
    expect(compileGrouping("regex", "")).toEqual({ nameOf: null, error: null });
  });
});

describe("the palette", () => {
  it("tells 35 runs apart, the first seven by colour alone", () => {
    const looks = Array.from({ length: 35 }, (_, place) => lookAt(place));
    expect(new Set(looks.map(({ color, dash }) => `${color} ${dash}`)).size).toBe(35);
    expect(looks.slice(0, 7).map(({ dash }) => dash)).toEqual(Array(7).fill(""));
    expect(looks.slice(7).every(({ dash }) => dash !== "")).toBe(true);
  });

  it("gives back the place a run had, and the first free one where somebody sits there", () => {
    const places = new Places([ALL]);
    const [a, b, c] = [trace("s/a"), trace("s/b"), trace("s/c")];
    places.seat([a, b], []);
    places.seat([c], [b]);
    expect([a, b, c].map(({ id }) => places.of(id))).toEqual([0, 1, 0]);
    places.seat([a], [b, c]);
    expect(places.of(a.id)).toBe(2);
  });

  it("has one place for two runs that no view shows together", () => {
    const places = new Places([({ kind }) => kind === "range_test", ({ kind }) => kind === "training"]);
    const [test, training] = [trace("s/a"), trace("s/b", { kind: "training" })];
    places.seat([test, training], []);
    expect([test, training].map(({ id }) => places.of(id))).toEqual([0, 0]);
  });
});
