import { type LegendEntry, LINE } from "./export";
import type { LineStyle } from "./palette";

export type SwatchProps = LineStyle & Partial<Pick<LegendEntry, "width" | "opacity" | "shape">>;

/** A sample of the line of a run, or of another mark of a legend. */
export function Swatch({ color, dash, width, opacity, shape = LINE }: SwatchProps) {
  const style = {
    ...(width !== undefined && { strokeWidth: `${width}px` }),
    ...(opacity !== undefined && { opacity, strokeLinecap: "butt" as const }),
  };
  return (
    <svg class="swatch" width="22" height="8" aria-hidden="true" style={{ stroke: color }}>
      <path stroke-dasharray={dash} d={shape} style={style} />
    </svg>
  );
}
