// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const FONT = { size: 10, weight: 500 };

/** The module before it has measured anything. */
async function fresh() {
  vi.resetModules();
  return await import("../../src/chart/textWidth");
}

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

describe("the width of a text", () => {
  const canvas = { font: "", measureText: (text: string) => ({ width: text === "i" ? 2 : 7 }) };

  beforeEach(() => {
    document.body.innerHTML = '<div data-theme="light" style="font-family: Roboto, sans-serif"></div>';
    const context = canvas as unknown as CanvasRenderingContext2D;
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(context as never);
  });

  it("is what a canvas says of it, in the font of the page", async () => {
    const { textWidth } = await fresh();
    expect([textWidth("i", FONT), textWidth("W", FONT)]).toEqual([2, 7]);
    expect(canvas.font).toBe("500 10px Roboto, sans-serif");
  });

  it("is measured on one canvas, however many texts there are", async () => {
    const { textWidth } = await fresh();
    const create = vi.spyOn(document, "createElement");
    for (const text of ["a", "b", "c"]) textWidth(text, FONT);
    expect(create).toHaveBeenCalledTimes(1);
  });
});

it("is estimated where there is no canvas, and grows with text and size", async () => {
  const { textWidth } = await fresh();
  expect(textWidth("0.0031", FONT)).toBeGreaterThan(textWidth("0.003", FONT));
  expect(textWidth("0.0031", { ...FONT, size: 20 })).toBeCloseTo(2 * textWidth("0.0031", FONT));
});
