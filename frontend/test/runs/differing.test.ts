import { expect, it } from "vitest";
import { Runs } from "../../src/runs/runs";
import { Settings } from "../../src/settings/settings";
import { trace } from "../support/builders";

const factsOf = (...all: Readonly<Record<string, number | string | boolean>>[]) => {
  const traces = all.map((settings, index) => trace(`s/${index}`, { settings }));
  return new Runs(new Settings()).describe(traces).map(({ facts }) => facts);
};

it("a run tells the settings in which it differs from others, but for those that every run tells", () => {
  const shared = { precision: "float32", batch_size: 32 };
  expect(
    factsOf(
      { width: 64, augmented: true, weight_decay: 0, ...shared },
      { width: 1024, augmented: false, weight_decay: 0.01, ...shared, batch_size: 64 },
      shared,
    ),
  ).toEqual(["width 64 · augmented true · weight decay 0", "width 1,024 · augmented false · weight decay 0.01", ""]);
});

it("and no more than three of them", () => {
  expect(factsOf({ a: 1, b: 1, c: 1, d: 1 }, { a: 2, b: 2, c: 2, d: 2 })[0]).toBe("a 1 · b 1 · c 1");
});
