/** Keeps the state fresh: often while a test runs, seldom otherwise, never while nobody can see it. */

import type { State } from "./state";

// TensorBoard reads its files at most once a second: polling twice as often misses nothing.
const RUNNING_MS = 500;
const IDLE_MS = 10_000;
/** The least pause after an answer, however long the answer took. */
const REST_MS = 250;

/** Starts polling. Returns a function that stops it. */
export function startPolling(state: State): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasHidden = isHidden();
  let polls = 0;

  const poll = async () => {
    clearTimeout(timer);
    polls += 1;
    const mine = polls;
    const start = Date.now();
    await state.refresh();
    // The next poll is timed by the end of the latest one: there are never two at once.
    if (stop.signal.aborted || mine !== polls) return;
    const period = state.isRunning.value ? RUNNING_MS : IDLE_MS;
    timer = setTimeout(() => isHidden() || poll(), Math.max(start + period - Date.now(), REST_MS));
  };
  const wake = () => {
    if (wasHidden && !isHidden()) poll();
    wasHidden = isHidden();
  };

  document.addEventListener("visibilitychange", wake, stop);
  window.addEventListener("resize", wake, stop);
  stop.signal.addEventListener("abort", () => clearTimeout(timer));
  poll();
  return () => stop.abort();
}

/** Whether the page is in a background window, or behind another tab of TensorBoard, which keeps it at height 0. */
function isHidden(): boolean {
  return document.hidden || window.innerHeight === 0;
}
