/** Charts as a picture that stands by itself: light, with a title and a legend, and without a style sheet. */

import type { LineStyle } from "./palette";
import { type Font, LABEL_FONT, TICK_FONT, textWidth } from "./textWidth";

export interface LegendEntry extends LineStyle {
  readonly label: string;
  /** The fact that matters most, written after the label; may be empty. */
  readonly note: string;
  readonly width: number;
  /** 1 by default. */
  readonly opacity?: number;
  /** The path in place of a line, in a box of 22 by 8 pixels. */
  readonly shape?: string;
}

/** A chart on the page; the caption may be empty. */
export interface Drawn {
  readonly svg: SVGSVGElement;
  readonly caption: string;
}

const NAMESPACE = "http://www.w3.org/2000/svg";
const PADDING = 16;
const TITLE_HEIGHT = 40;
const CAPTION_HEIGHT = 24;
const ROW_HEIGHT = 20;
const COLUMN_GAP = 24;
const SWATCH = 22;
/** The line of an entry, in the middle of its box. */
export const LINE = `M1,4H${SWATCH - 1}`;
/** Between the swatch, the label and the note of an entry. */
const GAP = 8;
const HEADING_FONT: Font = { size: 16, weight: 500 };
const STRONG = "fill: var(--text); font-weight: 500";

/** The text of an SVG file in which the charts stand as they do on the page, which must show at least one. */
export function exportSvg(charts: readonly Drawn[], title: string, legend: readonly LegendEntry[]): string {
  const host = charts[0]!.svg.closest("[data-theme]")!.cloneNode() as HTMLElement;
  host.dataset.theme = "light";
  host.style.cssText = "position: fixed; visibility: hidden";
  const picture = create("svg", { "font-size": "12px" });
  host.append(picture);
  // Styles are computed only for what is on the page.
  document.body.append(host);
  try {
    compose(picture, charts, title, legend);
    inlineStyles(picture);
  } finally {
    host.remove();
  }
  return new XMLSerializer().serializeToString(picture);
}

function compose(picture: SVGElement, charts: readonly Drawn[], title: string, legend: readonly LegendEntry[]): void {
  const boxes = charts.map(({ svg }) => svg.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left)) - PADDING;
  const top = Math.min(...boxes.map((box) => box.top)) - TITLE_HEIGHT - (charts[0]!.caption ? CAPTION_HEIGHT : 0);
  const heading = create("text", { x: PADDING, y: 27, style: `${STRONG}; font-size: ${HEADING_FONT.size}px` }, title);
  const plots = charts.map((chart, index) => plot(chart, boxes[index]!.left - left, boxes[index]!.top - top));
  const entries = legend.map(entry);
  picture.append(heading, ...plots, ...entries);

  const column = Math.max(0, ...legend.map(entryWidth)) + COLUMN_GAP;
  const right = Math.max(...boxes.map((box) => box.right)) - left;
  const texts = PADDING + Math.max(textWidth(title, HEADING_FONT), column - COLUMN_GAP);
  const width = Math.ceil(Math.max(right, texts) + PADDING);
  const columns = Math.max(1, Math.floor((width - 2 * PADDING + COLUMN_GAP) / column));
  const foot = Math.max(...boxes.map((box) => box.bottom)) - top + ROW_HEIGHT;
  entries.forEach((item, index) => {
    const [across, down] = [index % columns, Math.floor(index / columns)];
    item.setAttribute("transform", `translate(${PADDING + across * column} ${foot + down * ROW_HEIGHT})`);
  });
  const height = Math.ceil(foot + Math.ceil(entries.length / columns) * ROW_HEIGHT);
  set(picture, { width, height, viewBox: `0 0 ${width} ${height}` });
  picture.prepend(create("title", {}, title), create("rect", { width, height, style: "fill: var(--surface)" }));
}

/** A chart as it is when no run is put forward. */
function plot({ svg, caption }: Drawn, left: number, top: number): SVGElement {
  const { childNodes } = svg.cloneNode(true);
  const group = create("g", { transform: `translate(${left} ${top})` }, ...childNodes);
  for (const faded of group.querySelectorAll(".faded")) faded.classList.remove("faded");
  if (caption) group.prepend(create("text", { y: -6, style: STRONG }, caption));
  return group;
}

function entry({ label, note, color, dash, width, opacity = 1, shape = LINE }: LegendEntry): SVGElement {
  const line = `stroke: ${color}; stroke-width: ${width}; stroke-dasharray: ${dash}; stroke-linecap: ${opacity < 1 ? "butt" : "round"}; fill: none`;
  const value = note ? [create("tspan", { dx: GAP, style: STRONG }, note)] : [];
  return create(
    "g",
    {},
    create("path", { d: shape, transform: `translate(0 -8)`, opacity, style: line }),
    create("text", { x: SWATCH + GAP, style: "fill: var(--text)" }, label, ...value),
  );
}

function entryWidth({ label, note }: LegendEntry): number {
  return SWATCH + GAP + textWidth(label, TICK_FONT) + (note === "" ? 0 : GAP + textWidth(note, LABEL_FONT));
}

function create(name: string, attributes: Record<string, string | number>, ...content: (Node | string)[]): SVGElement {
  const element = document.createElementNS(NAMESPACE, name) as SVGElement;
  set(element, attributes);
  element.append(...content);
  return element;
}

function set(element: SVGElement, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** The properties that the charts use and that elements inherit. */
const INHERITED = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-opacity",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "shape-rendering",
  "text-anchor",
  "font-family",
  "font-size",
  "font-weight",
];
const PAGE_ONLY = ["class", "style", "data-testid"];

/** Writes the computed style of each element into attributes of its own. */
function inlineStyles(root: SVGElement): void {
  // All styles are read before one is written: each change would make the browser compute them anew.
  const styles = new Map([root, ...root.querySelectorAll("*")].map((element) => [element, styleOf(element)]));
  for (const [element, { inherited, opacity }] of styles) {
    const above = styles.get(element.parentElement!)?.inherited;
    INHERITED.forEach((name, place) => {
      element.removeAttribute(name);
      if (inherited[place] !== above?.[place]) element.setAttribute(name, inherited[place]!);
    });
    if (opacity !== "1") element.setAttribute("opacity", opacity);
    for (const name of PAGE_ONLY) element.removeAttribute(name);
  }
}

function styleOf(element: Element) {
  const style = getComputedStyle(element);
  return { inherited: INHERITED.map((name) => style.getPropertyValue(name)), opacity: style.opacity };
}
