import { describe, expect, it } from "vitest";
import { compareNames, sortedByName } from "../../src/base/collation";

describe("names", () => {
  it.each([
    ["whole numbers", ["batch 16", "batch 32", "batch 64", "batch 128"]],
    ["decimals", ["wd0", "wd0.001", "wd0.05", "wd0.1", "wd1"]],
    ["powers of ten", ["lr1e-10", "lr1e-4", "lr3e-4", "lr1e-3", "lr1E2"]],
    ["versions", ["v1.2", "v1.9", "v1.10"]],
    ["directories", ["adam", "adam/2/probes", "adam/10", "adam 1", "adam-x"]],
    ["letters of both cases", ["adam", "Adam", "SGD", "sgdw"]],
    ["ends", ["run", "run 1", "run 1 a"]],
  ])("stand in the order of their %s", (_, names) => {
    expect(names.toReversed().sort(compareNames)).toEqual(names);
    expect(sortedByName(names.toReversed(), String)).toEqual(names);
  });

  it("that count as equal are told apart by their letters", () => {
    expect(["a1", "a01"].sort(compareNames)).toEqual(["a01", "a1"].sort(compareNames));
    expect(compareNames("a01", "a1")).not.toBe(0);
    expect(compareNames("a", "a")).toBe(0);
  });

  it("that are equal leave what they name in its order", () => {
    const items = [
      { name: "b", place: 0 },
      { name: "a", place: 1 },
      { name: "a", place: 2 },
    ];
    expect(sortedByName(items, ({ name }) => name).map(({ place }) => place)).toEqual([1, 2, 0]);
  });
});
