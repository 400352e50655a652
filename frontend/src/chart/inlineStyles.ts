/** Makes a picture independent of style sheets. */

/** The properties that the charts use and that what lies within takes over. */
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

/** Writes what each element looks like on the page into attributes of its own. */
export function inlineStyles(root: SVGElement): void {
  // All is read before anything is written: each change would make the browser compute the styles anew.
  const looks = new Map([root, ...root.querySelectorAll("*")].map((element) => [element, lookOf(element)]));
  for (const [element, { inherited, opacity }] of looks) {
    const above = looks.get(element.parentElement!)?.inherited;
    INHERITED.forEach((name, place) => {
      element.removeAttribute(name);
      if (inherited[place] !== above?.[place]) element.setAttribute(name, inherited[place]!);
    });
    if (opacity !== "1") element.setAttribute("opacity", opacity);
    for (const name of PAGE_ONLY) element.removeAttribute(name);
  }
}

function lookOf(element: Element) {
  const style = getComputedStyle(element);
  return { inherited: INHERITED.map((name) => style.getPropertyValue(name)), opacity: style.opacity };
}
