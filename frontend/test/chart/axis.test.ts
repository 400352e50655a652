// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import {
  horizontalTicks,
  RELATIVE_AXIS,
  rateAxis,
  STEP_AXIS,
  untitled,
  valueAxis,
  WALL_AXIS,
} from "../../src/chart/axis";
import { roomFor } from "../../src/chart/margin";
import { type Interval, scaleOf } from "../../src/chart/scales";
import { TICK_FONT, textWidth } from "../../src/chart/textWidth";

const DAY = 24 * 3600;
const NOON = 1_795_200_000;

describe("the ticks of a horizontal axis", () => {
  it.each([
    ["rates in a sliver of a decade", rateAxis("log"), [0.0010004, 0.0010009]],
    ["rates of a whole sweep", rateAxis("log"), [1e-8, 10]],
    ["even rates", rateAxis("linear"), [0, 2.5e-4]],
    ["steps", STEP_AXIS, [0, 16_000_000]],
    ["durations", RELATIVE_AXIS, [0, 5 * 3600]],
    ["days and clock times", WALL_AXIS, [NOON, NOON + 2.2 * DAY]],
  ] as const)("have labels that stay apart: %s", (_, axis, domain) => {
    for (let width = 230; width <= 1200; width += 10) {
      const scale = scaleOf(axis.kind, domain as Interval, [0, width]);
      const { ticks, labels } = horizontalTicks(axis, scale);
      const spans = ticks.map((tick, index) => {
        const half = textWidth(labels[index]!, TICK_FONT) / 2;
        return { start: scale(tick) - half, end: scale(tick) + half };
      });
      for (const [index, { start }] of spans.slice(1).entries()) expect(start).toBeGreaterThan(spans[index]!.end);
    }
  });

  it("are as many as there may be where all labels are short", () => {
    const scale = scaleOf("linear", [0, 8], [0, 900]);
    expect(horizontalTicks(STEP_AXIS, scale).labels).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
  });
});

describe("the room beside a vertical axis", () => {
  const room = (domain: Interval) => roomFor({ axis: valueAxis("loss"), domain }, 400);

  it("is as wide as its widest label and its title need", () => {
    const [wide, narrow] = [room([1_000_000, 1_000_050]), room([0, 3])];
    const difference = textWidth("1.00005e6", TICK_FONT) - textWidth("0.5", TICK_FONT);
    expect(Math.abs(wide - narrow - difference)).toBeLessThan(1);
    expect(roomFor({ axis: untitled(valueAxis("loss")), domain: [0, 3] }, 400)).toBeLessThan(narrow);
  });
});
