// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from "vitest";
import { all, click, mount, poll, press, texts, unmount } from "../support/page";
import { Server } from "../support/server";

const chosen = () => all("view").filter((view) => view.getAttribute("aria-selected") === "true");

beforeEach(async () => {
  new Server();
  await poll(mount());
  await click(document.querySelector("[data-testid=view][value=schedules]"));
});

afterEach(unmount);

it("are one for each view, one of them chosen and in reach of the Tab key", () => {
  expect(texts("[data-testid=view]")).toEqual(["LR Finder", "Schedules", "Settings", "Plan a schedule"]);
  expect(all("view").map(({ tabIndex }) => tabIndex)).toEqual([-1, 0, -1, -1]);
  expect(document.querySelector("[role=tabpanel]")!.getAttribute("aria-labelledby")).toBe(chosen()[0]!.id);
});

it("are switched by arrow keys, around the ends too", async () => {
  const seen = [];
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowRight", "End", "Home"]) {
    await press(key, document.querySelector("[role=tablist]"));
    seen.push(chosen()[0]!.getAttribute("value"));
    expect(document.activeElement).toBe(chosen()[0]);
  }
  expect(seen).toEqual(["finder", "planner", "finder", "planner", "finder"]);
});
