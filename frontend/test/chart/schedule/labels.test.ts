// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { frameOf, scalesOf } from "../../../src/chart/scales";
import { placeRateChanges } from "../../../src/chart/schedule/labels";
import type { ScheduleLine } from "../../../src/chart/schedule/lines";
import { of } from "../../support/builders";

const CHANGE = "ReduceLROnPlateau: 0.1 → 0.01 at epoch 1";
const scales = (header: number) =>
  scalesOf({ x: [0, 100], y: [1e-4, 1] }, frameOf(1000, 500, header), { x: "linear", y: "log" });

function line(label: string, ...steps: number[]): ScheduleLine {
  const rateChanges = steps.map((step) => ({ step, x: step, rate: 0.1, text: CHANGE }));
  const columns = { xs: of(0, 100), rates: of(0.1, 0.1), steps: of(0, 100) };
  return { id: `s/${label}`, label, color: "red", dash: "", isPlan: false, rateChanges, ...columns };
}

const placed = (lines: readonly ScheduleLine[], front: string | null = null) =>
  placeRateChanges(lines, scales, 500, front);
const texts = (...lines: ScheduleLine[]) => placed(lines).labels.map(({ text }) => text);

describe("the labels of rate changes", () => {
  it("name no run where there is only one", () => {
    expect(texts(line("digits/adam", 20))).toEqual([CHANGE]);
  });

  it("name their run where there are several, without the directories that all are in", () => {
    expect(texts(line("digits/deep/adam", 20), line("digits/deep/sgd", 90))).toEqual([
      `adam: ${CHANGE}`,
      `sgd: ${CHANGE}`,
    ]);
    expect(texts(line("digits/a", 20), line("text/a", 90))[0]).toBe(`digits/a: ${CHANGE}`);
    expect(texts(line("a", 20), line("a/b", 90))).toEqual([`a: ${CHANGE}`, `a/b: ${CHANGE}`]);
    expect(placed([line("digits/a", 20), line("digits/b", 90)]).labels[0]!.title).toBe(`digits/a: ${CHANGE}`);
  });

  it("name a long run by its beginning and its end", () => {
    const [text] = texts(line("a-network-with-a-very-long-name-lr-0.01", 20), line("b", 90));
    expect(text).toBe(`a-network-wi…name-lr-0.01: ${CHANGE}`);
  });

  it("are at most as many as two lanes have room for, and none lies on another one", () => {
    const lines = Array.from({ length: 10 }, (_, index) => line(`run ${index}`, 10 * index, 10 * index + 5));
    for (const front of [null, "s/run 7"]) {
      const { labels, height } = placed(lines, front);
      expect(height).toBe(48);
      expect(labels.length).toBeGreaterThan(2);
      for (const [index, a] of labels.entries()) {
        for (const b of labels.slice(index + 1)) {
          expect(a.lane !== b.lane || Math.abs(a.middle - b.middle) > (a.width + b.width) / 2).toBe(true);
        }
      }
      if (front) expect(labels.some(({ id }) => id === front)).toBe(true);
    }
  });
});
