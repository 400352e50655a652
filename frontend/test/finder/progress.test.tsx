// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../src/app/state";
import { describeLeft } from "../../src/base/time";
import { secondsLeft } from "../../src/finder/progress";
import type { Trace } from "../../src/server/types";
import { trace } from "../support/builders";
import { find, mount, poll, settle, texts, unmount } from "../support/page";
import { Server } from "../support/server";
import { A } from "../support/wire";

const START = 1_000;

const test = (rows: number, seconds: number, fields: Partial<Trace> = {}) =>
  trace(A, { rows, numSteps: 300, started: START, updated: START + seconds, ...fields });

describe("how long a test still takes", () => {
  const first = { rows: 10, time: START + 20 };

  it("follows the pace since it was first seen, not the compiling before", () => {
    expect(secondsLeft(test(100, 29), first)).toBeCloseTo(200 * (9 / 90));
  });

  it("is not told before there is a pace to tell it from", () => {
    expect(secondsLeft(test(20, 21), first)).toBeNull();
    expect(secondsLeft(test(10, 20), first)).toBeNull();
    expect(secondsLeft(test(0, 0), null)).toBeNull();
  });

  it("follows the pace since the start where the test is long under way when first seen", () => {
    expect(secondsLeft(test(100, 50), { rows: 100, time: START + 50 })).toBeCloseTo(100);
  });

  it.each([
    [100, { numSteps: null }],
    [300, {}],
  ])("is not told where no steps are known to be left (%d rows, %o)", (rows, fields) => {
    expect(secondsLeft(test(rows, 50, fields), first)).toBeNull();
  });

  it.each([
    [0.1, "a few seconds left"],
    [9, "about 10 s left"],
    [54, "about 50 s left"],
    [56, "about 1 min left"],
    [130, "about 2 min left"],
    [3_400, "about 1 h left"],
    [5_500, "about 1.5 h left"],
  ])("is as rough as it is known: %d s is %s", (seconds, words) => {
    expect(describeLeft(seconds)).toBe(words);
  });
});

describe("the strip", () => {
  let state: State;
  let server: Server;

  beforeEach(() => {
    state = mount();
    server = new Server();
  });

  afterEach(unmount);

  const spoken = () => texts("p", find("announcements")!);

  async function report(id: string, rows: number, seconds: number, fields: Record<string, unknown> = {}) {
    server.values.set(id, Array(rows).fill(1));
    const running = { status: "running", status_text: `Step ${rows} of 300.`, num_steps: 300, started: START };
    server.fields.set(id, { ...running, updated: START + seconds, ...fields });
    await poll(state);
  }

  it("says how far a test is and how long it takes, and how it ended for some seconds", async () => {
    await report(A, 60, 4);
    expect(find("progress-left")).toBeNull();
    await report(A, 120, 10);
    expect(find("progress-words")!.textContent).toBe("Step 120 of 300");
    expect(find("progress-left")!.textContent).toBe("about 20 s left");
    expect(find("progress")!.querySelector("progress")!.value).toBe(0.4);
    expect(spoken()).toEqual(["digits/adam: running."]);
    await report(A, 300, 28, { status: "finished" });
    expect(find("progress-words")!.textContent).toBe("Finished: suggested rate 0.0031");
    expect(spoken()).toEqual(["digits/adam: Finished: suggested rate 0.0031."]);
    await settle(9_000);
    expect(find("progress")).toBeNull();
    await poll(state);
    expect(find("progress")).toBeNull();
  });

  it("says that a test was interrupted, and starts over where it goes on", async () => {
    await report(A, 60, 4);
    await report(A, 60, 4, { status: "interrupted", status_text: "Interrupted after step 60: its process is gone." });
    expect(find("progress-words")!.textContent).toBe("Interrupted after step 60: its process is gone");
    await report(A, 90, 10);
    expect(find("progress-words")!.textContent).toBe("Step 90 of 300");
  });

  it("says nothing of tests that ended before it looked, and of trainings", async () => {
    await report(A, 300, 28, { status: "finished" });
    await report("s2/training", 10, 4, { kind: "training", is_sweep: true });
    expect(find("progress")).toBeNull();
  });

  it("says nothing of probes, which come every few epochs of a training", async () => {
    await report(A, 60, 4, { probe: { training: "s", step: 200, learning_rate: 0.1 } });
    expect(find("progress")).toBeNull();
  });

  it("shows three tests and counts the others, those that ended first", async () => {
    const ids = ["a", "b", "c", "d", "e"].map((name) => `s/${name}`);
    for (const id of ids) await report(id, 60, 4);
    await report(ids[4]!, 300, 28, { status: "finished" });
    const shown = [...find("progress")!.querySelectorAll("li")].map((item) => item.dataset.id ?? item.textContent);
    expect(shown).toEqual([ids[4], ids[0], ids[1], "and 2 more"]);
  });
});
