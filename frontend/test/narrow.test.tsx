// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { State } from "../src/model/state";
import { App } from "../src/ui/App";
import { Server } from "./server";

const page = (window as unknown as { happyDOM: { setViewport: (size: { width: number }) => void } }).happyDOM;
let state: State;

beforeEach(async () => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(360);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(300);
  new Server("s1/a", "s2/b");
  state = new State();
  render(<App state={state} />, document.body);
  await state.refresh();
  await resize(360);
});

afterEach(async () => {
  render(null, document.body);
  page.setViewport({ width: 1024 });
  vi.restoreAllMocks();
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)!;

async function resize(width: number) {
  page.setViewport({ width });
  await settle();
}

it("keeps smoothing and use above the chart, and the rest among the options, as long as there is little room", async () => {
  const isFolded = () =>
    ["smoothing", "use", "show", "method", "layout"].map((id) => find("chart-options").contains(find(id)));
  expect(isFolded()).toEqual([false, false, true, true, true]);
  await resize(1024);
  expect(isFolded()).toEqual([false, false, false, false, false]);
});

it("folds what only one schedule has", async () => {
  find("plan-from").click();
  await settle();
  const menu = find("recipe") as HTMLSelectElement;
  menu.value = "one_cycle";
  menu.dispatchEvent(new Event("change", { bubbles: true }));
  await settle();
  const folded = () =>
    [...document.querySelectorAll<HTMLElement>("details [data-testid=field]")].map(({ dataset }) => dataset.name);
  expect(folded()).not.toEqual([]);
  // happy-dom takes a page for wide until it is resized.
  await resize(350);
  await resize(1024);
  expect(folded()).toEqual([]);
});
