// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from "vitest";
import type { State } from "../../../src/app/state";
import { click, find, mount, poll, texts, unmount } from "../../support/page";
import { Server } from "../../support/server";
import { manyIds, OFFER } from "../../support/wire";

let state: State;

beforeEach(() => {
  state = mount();
});

afterEach(unmount);

async function open(shapes: readonly (string | null)[]) {
  const ids = manyIds(shapes.length);
  const server = new Server(...ids);
  for (const [index, name] of shapes.entries())
    server.suggestions.set(ids[index]!, { shape: name && { name, sentence: `It is ${name}.` } });
  await poll(state);
  await click(find("help"));
}

it("says of each shape what the server says of it", async () => {
  await open(["good"]);
  expect(texts("h4")).toEqual(OFFER.shapes.map(({ label }) => label));
  expect(texts("h4 + p")).toEqual(OFFER.shapes.map(({ sentence }) => sentence));
});

const alike = (name: string) => find("alike", find(`shape-${name}`)!)?.textContent;

it("names the shown runs of each shape, and counts them where they are many", async () => {
  await open(["good", "short", "good", "noise", "noise", "noise", "noise", null]);
  expect(alike("good")).toBe("run-0 and run-2 look like this.");
  expect(alike("short")).toBe("run-1 looks like this.");
  expect(alike("flat")).toBeUndefined();
  expect(alike("noise")).toBe("4 of your 8 runs look like this.");
});

it("is a dialog with a name that is gone when it is closed", async () => {
  await open(["good"]);
  const dialog = find("how-to-read") as HTMLDialogElement;
  expect(dialog.open).toBe(true);
  expect(document.getElementById(dialog.getAttribute("aria-labelledby")!)!.textContent).toBe("How to read this");
  await click(dialog.querySelector("button"));
  expect(find("how-to-read")).toBeNull();
});

it("leaves the meaning of the shape of a run in its details", async () => {
  await open(["short"]);
  expect(find("shape")!.textContent).toBe("It is short.");
});
