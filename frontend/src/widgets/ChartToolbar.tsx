import type { ComponentChildren } from "preact";

interface ChartToolbarProps {
  readonly isZoomed: boolean;
  readonly onResetZoom: () => void;
  readonly children: ComponentChildren;
}

/** The controls of a chart, and the way back from a zoom. */
export function ChartToolbar({ isZoomed, onResetZoom, children }: ChartToolbarProps) {
  return (
    <div class="toolbar" role="toolbar" aria-label="Chart">
      {children}
      {isZoomed && (
        <button type="button" data-testid="reset-zoom" onClick={onResetZoom}>
          Reset zoom
        </button>
      )}
    </div>
  );
}
