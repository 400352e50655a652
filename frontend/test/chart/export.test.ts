// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { exportSvg, type LegendEntry } from "../../src/chart/export";
import { LABEL_FONT, TICK_FONT, textWidth } from "../../src/chart/textWidth";

const LONG = "runs/digits/one_cycle/with/a/name/that/is/longer/than/the/chart";

/** A picture of an empty chart, which happy-dom lays out as a point. */
function picture(title: string, ...legend: Partial<LegendEntry>[]): SVGSVGElement {
  document.body.innerHTML = '<div data-theme="dark"><svg></svg></div>';
  const line = { label: "a", note: "", color: "red", dash: "", width: 2 };
  const entries = legend.map((entry) => ({ ...line, ...entry }));
  const text = exportSvg([{ svg: document.querySelector("svg")!, caption: "" }], title, entries);
  document.body.innerHTML = text;
  return document.querySelector("svg")!;
}

const widthOf = (svg: SVGSVGElement) => Number(svg.getAttribute("width"));

afterEach(() => document.body.replaceChildren());

describe("a saved picture", () => {
  it("is as wide as its longest entry, with its note", () => {
    const texts = textWidth(LONG, TICK_FONT) + textWidth("0.0031", LABEL_FONT);
    expect(widthOf(picture("", { label: LONG, note: "0.0031" }))).toBeGreaterThan(texts);
    expect(widthOf(picture("", {}))).toBeLessThan(texts);
  });

  it("is as wide as its title", () => {
    expect(widthOf(picture(LONG))).toBeGreaterThan(textWidth(LONG, { size: 16, weight: 500 }));
  });

  it("stands entries in columns where several fit beside each other", () => {
    const places = [...picture(LONG, {}, {}, {}).querySelectorAll("g[transform]")].slice(1);
    expect(new Set(places.map((place) => place.getAttribute("transform")!.split(" ")[1])).size).toBe(1);
    expect(new Set(places.map((place) => place.getAttribute("transform"))).size).toBe(3);
  });
});
