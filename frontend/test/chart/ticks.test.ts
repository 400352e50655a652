import { describe, expect, it } from "vitest";
import { evenTicks } from "../../src/chart/ticks";

describe("evenTicks", () => {
  it.each([
    [[0, 1], 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [[0, 1], 2, [0, 0.5, 1]],
    [[-0.3, 0.32], 7, [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]],
    [[12, 4321], 4, [1000, 2000, 3000, 4000]],
    [[1e-9, 4e-9], 3, [1e-9, 2e-9, 3e-9, 4e-9]],
    [[1e6, 1e6 + 2], 2, [1000000, 1000001, 1000002]],
  ] as const)("divides %j into about %d", (domain, count, ticks) => {
    expect(evenTicks(domain, count)).toEqual(ticks);
  });

  it("asks for two at least", () => {
    expect(evenTicks([0, 1], 0)).toEqual(evenTicks([0, 1], 2));
  });
});
