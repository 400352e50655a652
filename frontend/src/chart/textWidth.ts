/** Widths of texts that are not drawn yet, measured on one canvas that is never shown. */

/** A font of the style sheet: its size in pixels, its weight as in CSS. */
export interface Font {
  readonly size: number;
  readonly weight: number;
}

export const TICK_FONT: Font = { size: 12, weight: 400 };
export const LABEL_FONT: Font = { size: 12, weight: 500 };

/** The width of a character, as a part of the size of the font, where there is no canvas to measure on. */
const USUAL_WIDTH = 0.56;

let shared: { readonly canvas: CanvasRenderingContext2D; readonly family: string } | null = null;

/** The width of a text in the font family of the page, in pixels. */
export function textWidth(text: string, { size, weight }: Font): number {
  shared ??= openCanvas();
  if (!shared) return text.length * size * USUAL_WIDTH;
  shared.canvas.font = `${weight} ${size}px ${shared.family}`;
  return shared.canvas.measureText(text).width;
}

function openCanvas() {
  const canvas = document.createElement("canvas").getContext("2d");
  const page = document.querySelector("[data-theme]") ?? document.body;
  return canvas && { canvas, family: getComputedStyle(page).fontFamily };
}
