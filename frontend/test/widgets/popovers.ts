/** What browsers do about the attribute `popover`, as far as our own part depends on it: happy-dom does nothing. */

/** From now on buttons show and hide the panels that they name. Returns how to stop. */
export function standInForPopovers(): () => void {
  const stop = new AbortController();
  const open = new Set<HTMLElement>();
  const toggle = (panel: HTMLElement, isOpen: boolean) => {
    if (open.has(panel) === isOpen) return;
    panel.dispatchEvent(Object.assign(new Event("beforetoggle"), { newState: isOpen ? "open" : "closed" }));
    if (isOpen) open.add(panel);
    else open.delete(panel);
  };
  Object.assign(HTMLElement.prototype, {
    showPopover(this: HTMLElement) {
      toggle(this, true);
    },
    hidePopover(this: HTMLElement) {
      toggle(this, false);
    },
  });
  document.addEventListener(
    "click",
    ({ target }) => {
      const button = (target as Element).closest("[popovertarget]");
      const panel = button && document.getElementById(button.getAttribute("popovertarget")!);
      if (panel) toggle(panel, !open.has(panel) && button.getAttribute("popovertargetaction") !== "hide");
    },
    { signal: stop.signal },
  );
  return () => stop.abort();
}
