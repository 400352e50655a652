// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Menu } from "../../src/widgets/Menu";
import { click, find, press, stopClock, unmount } from "../support/page";
import { standInForPopovers } from "./popovers";

const ITEMS = [
  ["png", "Picture"],
  ["csv", "Table"],
  ["json", "Document"],
] as const;
const choose = vi.fn();
let stop: () => void;

beforeEach(() => {
  stopClock();
  choose.mockClear();
  stop = standInForPopovers();
  render(<Menu label="Export" testId="export" items={ITEMS} onChoose={choose} />, document.body);
});

afterEach(() => {
  stop();
  unmount();
});

const button = () => find("export")!;
const isOpen = () => button().getAttribute("aria-expanded");

it("opens on its first item and goes round by arrow keys", async () => {
  expect(isOpen()).toBe("false");
  await click(button());
  expect(isOpen()).toBe("true");
  const passed = [document.activeElement!.textContent];
  for (const key of ["ArrowDown", "ArrowUp", "ArrowUp", "Home", "End", "ArrowDown"]) {
    await press(key);
    passed.push(document.activeElement!.textContent);
  }
  expect(passed).toEqual(["Picture", "Table", "Picture", "Document", "Picture", "Document", "Picture"]);
});

it("opens by arrow key", async () => {
  button().focus();
  await press("ArrowDown");
  expect(isOpen()).toBe("true");
  expect(document.activeElement!.textContent).toBe("Picture");
});

it("does what is chosen once, and closes", async () => {
  await click(button());
  await click(document.querySelector("[value=csv]"));
  expect(choose.mock.calls).toEqual([["csv"]]);
  expect(isOpen()).toBe("false");
});

it("closes when its button is pressed again, or when Tab leaves it", async () => {
  await click(button());
  await click(button());
  expect(isOpen()).toBe("false");
  await click(button());
  await press("Tab");
  expect(isOpen()).toBe("false");
  expect(choose).not.toHaveBeenCalled();
});

it("stands below its button, also after the page has scrolled", async () => {
  const menu = document.querySelector<HTMLElement>("[role=menu]")!;
  const at = (right: number, bottom: number) =>
    vi.spyOn(button(), "getBoundingClientRect").mockReturnValue({ right, bottom } as DOMRect);
  at(300, 40);
  await click(button());
  expect(menu.style.translate).toContain("300px - 100%");
  expect(menu.style.translate).toContain("44px");
  at(300, 10);
  document.body.dispatchEvent(new Event("scroll"));
  expect(menu.style.translate).toContain("14px");
  await click(button());
  at(300, 500);
  document.body.dispatchEvent(new Event("scroll"));
  expect(menu.style.translate).not.toContain("504px");
});
