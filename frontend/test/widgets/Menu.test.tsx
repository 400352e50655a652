// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Menu } from "../../src/widgets/Menu";
import { act, click, find, press, stopClock, unmount } from "../support/page";

const ITEMS = [
  ["png", "Picture"],
  ["csv", "Table"],
  ["json", "Document"],
] as const;
const choose = vi.fn();

beforeEach(() => {
  stopClock();
  choose.mockClear();
  render(
    <>
      <Menu label="Export" testId="export" items={ITEMS} onChoose={choose} />
      <input />
    </>,
    document.body,
  );
});

afterEach(unmount);

const button = () => find("export")!;
const menu = () => document.querySelector<HTMLElement>("[role=menu]");

async function open() {
  button().focus();
  await click(button());
}

it("opens on its first item and goes round by arrow keys", async () => {
  expect(button().getAttribute("aria-expanded")).toBe("false");
  await open();
  expect(button().getAttribute("aria-expanded")).toBe("true");
  const passed = [document.activeElement!.textContent];
  for (const key of ["ArrowDown", "ArrowUp", "ArrowUp", "Home", "End", "ArrowDown"]) {
    await press(key);
    passed.push(document.activeElement!.textContent);
  }
  expect(passed).toEqual(["Picture", "Table", "Picture", "Document", "Picture", "Document", "Picture"]);
});

it("opens by arrow key, and gives the keyboard back on Escape", async () => {
  button().focus();
  await press("ArrowDown");
  expect(document.activeElement!.getAttribute("role")).toBe("menuitem");
  await press("Escape");
  expect(menu()).toBeNull();
  expect(document.activeElement).toBe(button());
  expect(choose).not.toHaveBeenCalled();
});

it("does what is chosen once, and closes", async () => {
  await open();
  await click(document.querySelector("[value=csv]"));
  expect(choose.mock.calls).toEqual([["csv"]]);
  expect(menu()).toBeNull();
  expect(document.activeElement).toBe(button());
});

it("closes when the keyboard or the pointer goes elsewhere", async () => {
  await open();
  await act(() => document.querySelector("input")!.focus());
  expect(menu()).toBeNull();
  await open();
  await click(button());
  expect(menu()).toBeNull();
});
