import { describe, expect, it } from "vitest";
import { isAll, moved, zoomed } from "../../src/chart/keys";
import type { Reading, Readout } from "../../src/chart/readout";
import { speechOf } from "../../src/chart/speech";

const FRAME = { left: 100, right: 500, top: 20, bottom: 220 };
const press = (key: string, shiftKey = false) => moved({ key, shiftKey }, [300, 120], FRAME);

describe("keys that move the readout", () => {
  it.each([
    ["ArrowLeft", [292, 120]],
    ["ArrowRight", [308, 120]],
    ["ArrowUp", [300, 112]],
    ["ArrowDown", [300, 128]],
    ["PageUp", [340, 120]],
    ["PageDown", [260, 120]],
    ["Home", [100, 120]],
    ["End", [500, 120]],
  ])("%s", (key, point) => {
    expect(press(key)).toEqual(point);
  });

  it("go ten times farther with Shift, and never out of the plot", () => {
    expect(press("ArrowLeft", true)).toEqual([220, 120]);
    expect(moved({ key: "ArrowRight", shiftKey: true }, [480, 120], FRAME)).toEqual([500, 120]);
    expect(moved({ key: "ArrowDown", shiftKey: true }, [480, 200], FRAME)).toEqual([480, 220]);
  });

  it("leave all others to the page", () => {
    expect(press("Tab")).toBeUndefined();
    expect(press("a")).toBeUndefined();
  });
});

describe("keys that zoom", () => {
  const limits = { left: -200, right: 600, top: 20, bottom: 220 };

  it("show less around a point, which stays where it is", () => {
    const box = zoomed("+", [200, 120], FRAME, limits)!;
    expect(box).toEqual(zoomed("=", [200, 120], FRAME, limits));
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    expect([width, height]).toEqual([expect.closeTo(400 / 1.5), expect.closeTo(200 / 1.5)]);
    expect([(200 - box.left) / width, (120 - box.top) / height]).toEqual([expect.closeTo(0.25), expect.closeTo(0.5)]);
  });

  it("show more, up to all there is", () => {
    const box = zoomed("-", [300, 120], FRAME, limits)!;
    expect(box).toEqual({ left: 0, right: 600, top: 20, bottom: 220 });
    expect(isAll(box, limits)).toBe(false);
    expect(isAll({ ...box, left: -130 }, limits)).toBe(true);
    expect(isAll(zoomed("0", [300, 120], FRAME, limits)!, limits)).toBe(true);
  });

  it("leave all others to the page", () => {
    expect(zoomed("1", [300, 120], FRAME, limits)).toBeUndefined();
  });
});

describe("speech", () => {
  const reading = (label: string, top: number, value: string): Reading => {
    return { id: label, label, color: "", dash: "", left: 0, top, step: 7, cells: ["0.0031", "9.9", value, "7"] };
  };
  const read = (...readings: Reading[]): Readout => ({
    name: "Learning rate",
    value: "0.0031",
    sections: [{ head: ["LR", "loss", "Smoothed", "Step"], readings }],
  });

  it("says the place and what is read there", () => {
    expect(speechOf(read(reading("digits/adam", 5, "0.42")), 0)).toBe("learning rate 0.0031: digits/adam 0.42");
  });

  it("says of many runs the nearest ones, and how many there are besides", () => {
    const readout = read(...[90, 20, Number.NaN, 60, 40].map((top) => reading(`at ${top}`, top, String(top / 10))));
    expect(speechOf(readout, 50)).toBe("learning rate 0.0031: at 60 6, at 40 4, at 20 2, and 2 more");
  });
});
