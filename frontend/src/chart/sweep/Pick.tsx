import type { ComponentChildren } from "preact";
import { formatRate } from "../../base/numbers";
import type { Scales } from "../scales";
import type { Size } from "../size";

/** The gap between the buttons and the axis, in pixels. */
const GAP = 8;

/** The height that the buttons take, with their gap. */
export const PICK_HEIGHT = 40;

/** The rate of a click, as exact as it is shown. */
export function roundRate(rate: number): number {
  return Number(rate.toPrecision(3));
}

function isShown(left: number, { frame }: Scales): boolean {
  return left >= frame.left && left <= frame.right;
}

/** A rate picked by hand: a line through the plot with its foot on the axis. */
export function Pick({ rate, scales }: { rate: number; scales: Scales }) {
  const left = scales.x(rate);
  if (!isShown(left, scales)) return null;
  const { top, bottom } = scales.frame;
  return (
    <g class="pick" data-testid="pick-mark" data-value={String(rate)}>
      <path d={`M${left},${top}V${bottom}`} />
      <path class="foot" d={`M${left - 5},${bottom + 7}L${left},${bottom}L${left + 5},${bottom + 7}z`} />
    </g>
  );
}

interface PickButtonProps {
  readonly rate: number;
  readonly scales: Scales;
  readonly size: Size;
  readonly onUse: (rate: number) => void;
  readonly onRemove: () => void;
  /** Further buttons. */
  readonly children: ComponentChildren;
}

/** Buttons for a picked rate, at the foot of its line. */
export function PickButton({ rate, scales, size, onUse, onRemove, children }: PickButtonProps) {
  const foot = scales.x(rate);
  if (!isShown(foot, scales)) return null;
  // Around the line, but inside the chart; percentages are of the buttons themselves.
  const left = `clamp(0px, ${foot}px - 50%, ${size.width}px - 100%)`;
  return (
    <div class="pick-button" style={{ translate: `${left} calc(${scales.frame.bottom - GAP}px - 100%)` }}>
      <button type="button" data-testid="picked-rate" data-value={String(rate)} onClick={() => onUse(rate)}>
        Use {formatRate(rate)} in a schedule
      </button>
      {children}
      <button
        type="button"
        class="remove"
        data-testid="unpick"
        aria-label="Remove the picked rate"
        onClick={(event) => {
          // The focus would go away with the button.
          event.currentTarget.closest(".chart")!.querySelector<HTMLElement>(".plot")!.focus();
          onRemove();
        }}
      >
        ×
      </button>
    </div>
  );
}
