import type { ComponentChildren } from "preact";
import { usePopover } from "./usePopover";

interface PopoverProps {
  readonly label: string;
  readonly testId: string;
  readonly children: ComponentChildren;
}

/** A button that opens a panel. */
export function Popover({ label, testId, children }: PopoverProps) {
  const { button, panel } = usePopover();
  return (
    <div data-testid={testId}>
      <button type="button" class="opener" {...button}>
        {label}
      </button>
      <div class="popover-panel" {...panel}>
        {children}
      </div>
    </div>
  );
}
