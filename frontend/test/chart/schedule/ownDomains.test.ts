import { describe, expect, it } from "vitest";
import { ownDomains } from "../../../src/chart/schedule/domain";
import type { Overlay } from "../../../src/chart/schedule/lines";

function overlay(tag: string, ...values: number[]): Overlay {
  const column = Float64Array.from(values);
  const shared = { id: tag, run: "a", tag, lineId: "a", color: "red", dash: "", unit: "epoch" as const };
  return { ...shared, xs: column, values: column, smoothed: column, steps: column };
}

describe("the tags with a range of their own", () => {
  const loss = overlay("loss", 0, 3);
  const own = (...others: Overlay[]) => [...ownDomains([loss, ...others], "linear").keys()];

  it("are those that would be flat on the axis of the first tag, or press it flat", () => {
    expect(own(overlay("flat", 1, 1.5), overlay("high", 0, 100), overlay("far", 30, 33))).toEqual([
      "flat",
      "high",
      "far",
    ]);
  });

  it("are none where each takes a third of the height", () => {
    expect(own(overlay("low", 0, 1.1), overlay("high", 1, 8))).toEqual([]);
  });

  it("are judged by the kind of the axis", () => {
    const tags = (kind: "log" | "linear") => [
      ...ownDomains([overlay("loss", 0.01, 1), overlay("norm", 0.1, 30)], kind).keys(),
    ];
    expect([tags("linear"), tags("log")]).toEqual([["norm"], []]);
  });
});
