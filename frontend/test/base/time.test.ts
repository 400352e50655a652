import { describe, expect, it } from "vitest";
import { formatClock, formatDate, formatDuration } from "../../src/base/time";
import { timeTicks } from "../../src/chart/ticks";

/** A moment of the local clock, whatever the time zone of the machine. */
const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime() / 1000;

it("has words for a time that no calendar has", () => {
  expect([formatDate(1e300), formatDate(Number.NaN), ...formatClock([-1e300])]).toEqual(Array(3).fill("no time"));
});

describe("durations", () => {
  it.each([
    [0, "0"],
    [0.25, "0.25 s"],
    [45, "45 s"],
    [90, "1 min 30 s"],
    [5400, "1 h 30 min"],
    [3605, "1 h 5 s"],
    [180_000, "2 d 2 h"],
    [-60, "−1 min"],
  ])("of %d s are %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe("clock times", () => {
  it("have seconds only where they are close", () => {
    expect(formatClock([at(2026, 10, 20, 22, 24), at(2026, 10, 20, 22, 26)])).toEqual(["22:24", "22:26"]);
    expect(formatClock([at(2026, 10, 20, 22, 24, 0), at(2026, 10, 20, 22, 24, 10)])).toEqual(["22:24:00", "22:24:10"]);
  });

  it("name the day where there are several, and nothing else where days are apart", () => {
    const [first, second] = [at(2026, 10, 20, 18), at(2026, 10, 21, 0)];
    expect(formatClock([first, second])).toEqual([`${formatDate(first)}, 18:00`, `${formatDate(second)}, 00:00`]);
    expect(formatClock([at(2026, 10, 20), at(2026, 10, 21)])).toEqual([formatDate(first), formatDate(second)]);
  });
});

describe("ticks of time", () => {
  it.each([
    [0, 50, 5],
    [0, 840, 6],
    [100, 9000, 8],
    [0, 3e5, 5],
    [0, 1e8, 6],
    [1.2, 1.9, 5],
  ])("of %d to %d s are round, inside and not too many", (lo, hi, wanted) => {
    const ticks = timeTicks([lo, hi], wanted);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(wanted + 3);
    for (const tick of ticks) expect(tick >= lo && tick <= hi * (1 + 1e-6)).toBe(true);
  });

  it("are two at least, where there is room for no more", () => {
    expect(timeTicks([100, 900], 1)).toEqual([300, 600, 900]);
  });

  it("are minutes of minutes and hours of hours", () => {
    expect(timeTicks([0, 840], 7)).toEqual([0, 120, 240, 360, 480, 600, 720, 840]);
    expect(timeTicks([0, 4 * 3600], 4)).toEqual([0, 3600, 7200, 10800, 14400]);
  });

  it("follow the local clock", () => {
    const offset = 5.5 * 3600;
    for (const tick of timeTicks([1_795_200_000, 1_795_286_400], 4, offset)) expect((tick + offset) % 21600).toBe(0);
  });
});
