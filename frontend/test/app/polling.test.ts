// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startPolling } from "../../src/app/polling";
import { State } from "../../src/app/state";
import { Server } from "../support/server";

const A = "s/digits";
let server: Server;
let stop: () => void;
let isHidden = false;

beforeEach(() => {
  vi.useFakeTimers();
  isHidden = false;
  vi.spyOn(document, "hidden", "get").mockImplementation(() => isHidden);
  server = new Server(A);
});

afterEach(() => {
  stop();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function start() {
  stop = startPolling(new State());
  await vi.advanceTimersByTimeAsync(0);
  server.forget();
}

function setHidden(value: boolean) {
  isHidden = value;
  document.dispatchEvent(new Event("visibilitychange"));
}

describe("polling", () => {
  it("polls twice a second while a test runs", async () => {
    server.fields.set(A, { status: "running" });
    await start();
    await vi.advanceTimersByTimeAsync(3_100);
    expect(server.asked("traces")).toHaveLength(6);
  });

  it("counts the time from one poll to the next, but rests after a slow answer", async () => {
    server.fields.set(A, { status: "running" });
    await start();
    const answerAfter = (milliseconds: number) =>
      server.holds.set("traces", new Promise((resolve) => setTimeout(resolve, milliseconds)));
    answerAfter(600);
    await vi.advanceTimersByTimeAsync(950);
    expect(server.asked("traces")).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(server.asked("traces")).toHaveLength(2);
    answerAfter(3_000);
    await vi.advanceTimersByTimeAsync(3_200);
    expect(server.asked("traces")).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(100);
    expect(server.asked("traces")).toHaveLength(4);
  });

  it("never polls again before it was answered, not even when it is shown again meanwhile", async () => {
    server.fields.set(A, { status: "running" });
    await start();
    setHidden(true);
    let answer = () => {};
    server.holds.set("traces", new Promise((resolve) => (answer = resolve)));
    setHidden(false);
    await vi.advanceTimersByTimeAsync(100);
    setHidden(true);
    setHidden(false);
    await vi.advanceTimersByTimeAsync(5_000);
    // One for each time that it was shown; the first of them was given up.
    expect(server.asked("traces")).toHaveLength(2);
    server.holds.clear();
    answer();
    await vi.advanceTimersByTimeAsync(500);
    expect(server.asked("traces")).toHaveLength(3);
  });

  it("polls every 10 s otherwise", async () => {
    await start();
    await vi.advanceTimersByTimeAsync(9_900);
    expect(server.asked("traces")).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(server.asked("traces")).toHaveLength(1);
  });

  it("rests while hidden and polls at once when shown again", async () => {
    await start();
    setHidden(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked("traces")).toHaveLength(0);
    setHidden(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(server.asked("traces")).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(server.asked("traces")).toHaveLength(2);
  });

  it("ends when it is stopped", async () => {
    await start();
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.requests).toEqual([]);
  });
});
