import type { LineStyle } from "./palette";

const WIDTH = 22;

/** A sample of the line of a run. */
export function Swatch({ color, dash }: LineStyle) {
  return (
    <svg class="swatch" width={WIDTH} height="8" aria-hidden="true" style={{ stroke: color }}>
      <path stroke-dasharray={dash} d={`M1,4H${WIDTH - 1}`} />
    </svg>
  );
}
