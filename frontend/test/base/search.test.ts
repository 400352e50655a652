import { describe, expect, it } from "vitest";
import { firstRowFrom } from "../../src/base/search";

describe("firstRowFrom", () => {
  const column = Float64Array.of(1, 2, 2, 5);

  it.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 3],
    [5, 3],
    [6, 4],
  ])("finds the place of %d", (value, row) => {
    expect(firstRowFrom(column, value)).toBe(row);
  });

  it("is 0 without rows", () => {
    expect(firstRowFrom(new Float64Array(), 1)).toBe(0);
  });
});
