// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { click, enter, find, mount, poll, settle, unmount } from "../support/page";
import { Server } from "../support/server";

const page = (window as unknown as { happyDOM: { setViewport: (size: { width: number }) => void } }).happyDOM;

beforeEach(async () => {
  const state = mount();
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(360);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(300);
  new Server("s1/a", "s2/b");
  await poll(state);
  await resize(360);
});

afterEach(() => {
  unmount();
  page.setViewport({ width: 1024 });
});

async function resize(width: number) {
  page.setViewport({ width });
  await settle();
}

it("keeps smoothing and use above the chart, and the rest among the options, as long as there is little room", async () => {
  const isFolded = () =>
    ["smoothing", "use", "show", "method", "layout"].map((id) => find("chart-options")!.contains(find(id)));
  expect(isFolded()).toEqual([false, false, true, true, true]);
  await resize(1024);
  expect(isFolded()).toEqual([false, false, false, false, false]);
});

it("folds what only one schedule has", async () => {
  await click(find("plan-from"));
  await enter(find("recipe"), "one_cycle");
  const folded = () =>
    [...document.querySelectorAll<HTMLElement>("details:not([open]) [data-testid=field]")].map(
      ({ dataset }) => dataset.name,
    );
  expect(folded()).not.toEqual([]);
  // happy-dom takes a page for wide until it is resized.
  await resize(350);
  await resize(1024);
  expect(folded()).toEqual([]);
});
