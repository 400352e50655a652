import type { RefObject } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

/** Between a panel and the edges of the page, and between it and its button, in pixels. */
const MARGIN = 8;
const GAP = 4;

/**
 * Joins a button and the panel that it opens: the browser shows and hides the panel, closes it on Escape and on a press
 * elsewhere, and gives the keyboard back to the button.
 *
 * @returns whether the panel is open, and the properties of both.
 */
export function usePopover() {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  useFollowing(isOpen, button, panel);
  const onBeforeToggle = ({ newState }: Pick<ToggleEvent, "newState">) => {
    place(panel.current!, button.current!);
    setOpen(newState === "open");
  };
  return {
    isOpen,
    button: { ref: button, popoverTarget: id, "aria-expanded": isOpen },
    panel: { ref: panel, id, popover: "auto", onBeforeToggle },
  } as const;
}

type Reference = RefObject<HTMLElement | null>;

/** Keeps an open panel at its button while the page scrolls and changes its size. */
function useFollowing(isOpen: boolean, button: Reference, panel: Reference): void {
  useEffect(() => {
    if (!isOpen) return;
    const stop = new AbortController();
    const follow = () => place(panel.current!, button.current!);
    for (const kind of ["scroll", "resize"]) addEventListener(kind, follow, { capture: true, signal: stop.signal });
    return () => stop.abort();
  }, [isOpen]);
}

/**
 * Below the button, with their right edges aligned, and inside the page. Anchor positioning would do the same, but Firefox
 * has it only since 147: without it a panel opens in the middle of the page. The panel itself is never measured, since it
 * has no size before it is shown: percentages stand for it.
 */
function place(panel: HTMLElement, button: HTMLElement): void {
  const { right, bottom } = button.getBoundingClientRect();
  const left = `clamp(${MARGIN}px, ${right}px - 100%, 100vw - 100% - ${MARGIN}px)`;
  const top = `clamp(${MARGIN}px, ${bottom + GAP}px, 100vh - 100% - ${MARGIN}px)`;
  panel.style.translate = `${left} ${top}`;
}
