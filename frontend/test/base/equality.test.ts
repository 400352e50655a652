import { describe, expect, it } from "vitest";
import { isDeepEqual, isShallowEqual, keep } from "../../src/base/equality";
import { opened, Server } from "../support/server";

describe("what stays the same", () => {
  it("is told from what changed, all the way down", () => {
    expect(isDeepEqual({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true);
    for (const other of [{ a: [1, { b: 0 }] }, { a: [1] }, { a: [1, { b: null }], c: 1 }, null]) {
      expect(isDeepEqual({ a: [1, { b: null }] }, other)).toBe(false);
    }
  });

  it("stays the same object, in the same list", () => {
    const before = [
      { id: "a", x: 1 },
      { id: "b", x: 1 },
    ];
    const again = (after: typeof before) => keep(before, after, ({ id }) => id, isShallowEqual);
    expect(again(before.map((item) => ({ ...item })))).toBe(before);
    const moved = again([
      { id: "b", x: 1 },
      { id: "a", x: 2 },
    ]);
    expect(moved[0]).toBe(before[1]);
    expect(moved[1]).toEqual({ id: "a", x: 2 });
  });

  it("is every run but the one that grew", async () => {
    const server = new Server("s1/a", "s2/b");
    const state = await opened();
    const [a, b] = state.views.finder.runs.all.value;
    const shown = state.views.finder.runs.shown.value;
    await state.refresh();
    expect(state.views.finder.runs.shown.value).toBe(shown);
    server.values.get("s2/b")!.push(0.5);
    await state.refresh();
    expect(state.views.finder.runs.all.value[0]).toBe(a);
    expect(state.views.finder.runs.all.value[1]).not.toBe(b);
  });
});
