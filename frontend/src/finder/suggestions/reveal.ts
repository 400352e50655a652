/** Scrolls the row of a run into sight inside of its own scroller; the page around it stays where it is. */
export function reveal(scroller: HTMLElement, id: string): void {
  const row = [...scroller.querySelectorAll<HTMLElement>("tbody")].find(({ dataset }) => dataset.id === id);
  if (!row) return;
  const [frame, box] = [scroller.getBoundingClientRect(), row.getBoundingClientRect()];
  const above = box.top - frame.top - (scroller.querySelector("thead")?.offsetHeight ?? 0);
  const below = box.bottom - frame.top - scroller.clientHeight;
  const top = above < 0 ? above : Math.max(0, Math.min(above, below));
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (top !== 0) scroller.scrollBy({ top, behavior: isCalm ? "auto" : "smooth" });
}
