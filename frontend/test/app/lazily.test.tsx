// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lazily } from "../../src/app/lazily";
import { click, find, settle, stopClock, unmount } from "../support/page";

const Page = ({ name }: { name: string }) => <p data-testid="page">{name}</p>;

beforeEach(stopClock);
afterEach(unmount);

it("fetches a page when it is first shown, and once", async () => {
  let times = 0;
  const Lazy = lazily(async () => {
    times += 1;
    return Page;
  });
  expect(times).toBe(0);
  render(<Lazy name="first" />, document.body);
  expect(find("state-loading")).not.toBeNull();
  await settle();
  expect(find("page")!.textContent).toBe("first");
  render(<Lazy name="second" />, document.body);
  await settle();
  expect([find("page")!.textContent, times]).toEqual(["second", 1]);
});

it("says that a page did not come, and tries again when it is told to", async () => {
  let isThere = false;
  const Lazy = lazily(async () => {
    if (!isThere) throw new TypeError("Failed to fetch");
    return Page;
  });
  render(<Lazy name="late" />, document.body);
  await settle();
  expect(find("state-error")!.textContent).toContain("TensorBoard does not answer.");
  isThere = true;
  await click(find("state-error")!.querySelector("button"));
  expect(find("page")!.textContent).toBe("late");
});
