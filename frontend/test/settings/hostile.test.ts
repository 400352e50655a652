/** Addresses of any content: the page shows itself, with defaults for what was wrong. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { State } from "../../src/app/state";
import { followAddress, type Page } from "../../src/settings/address";
import { Server } from "../support/server";
import { A, B } from "../support/wire";

const PREFIX = "p.lr_finder.";
let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.stubGlobal("localStorage", undefined);
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

/** The tab at an address with these settings, once it is loaded, and the address that it wrote. */
async function open(settings: Record<string, string> | string) {
  const texts = typeof settings === "string" ? settings : written(settings);
  const location = new URL(`http://host/#lr_finder&${texts}`);
  const replaceState = (_: unknown, __: string, url: URL) => {
    location.href = url.href;
  };
  const history = { state: null, replaceState };
  const server = new Server(A, B);
  server.addSchedule("t/training", { step: [0, 1, 2], learning_rate: [0.1, 0.2, 0.1] });
  const state = new State();
  stop = followAddress(state.settings, { location, history, addEventListener: () => {} } as unknown as Page);
  await state.refresh();
  vi.advanceTimersByTime(1_000);
  return { state, server, location };
}

const written = (settings: Record<string, string>) =>
  Object.entries(settings)
    .map(([name, text]) => `${PREFIX}${name}=${encodeURIComponent(text)}`)
    .join("&");

describe("an address", () => {
  const wide = (x: unknown, y: unknown = [0, 1]) => JSON.stringify({ x, y });
  it.each([
    ["beyond all axes", wide([-1e308, 1e308], [-1e308, 1e308])],
    ["above all axes", wide([1e301, 1e302])],
    ["of values without digits", wide([1e-320, 2e-320])],
    ["narrower than an axis can label", wide([0.1, 0.1 + 1e-12])],
    ["of nothing", wide([1, 1])],
    ["that falls", wide([2, 1])],
    ["with infinite ends", '{"x":[1e-3,1e999],"y":[0,1]}'],
    ["of three ends", wide([1, 2, "3"])],
    ["of other data", '{"__proto__":{"x":[1,2]},"y":7}'],
    ["that is not JSON", "{"],
    ["that is deep", "[".repeat(100_000)],
  ])("with a zoom %s shows all", async (_, zoom) => {
    const { state } = await open({ zoom, s_zoom: zoom.replace("}", ',"right":null}') });
    expect(state.views.finder.zoom.value).toBeNull();
    expect(state.views.schedules.zoom.value).toBeNull();
  });

  it("keeps the part of a zoom of schedules that an axis can show", async () => {
    const zoom = { x: [0, 1], y: [-1, 0.5], right: [1, 1 + 1e-15] };
    const { state } = await open({ s_zoom: JSON.stringify(zoom) });
    expect(state.views.schedules.zoom.value).toEqual({ x: [0, 1], y: null, right: null });
  });

  it.each(["filter", "group_by", "value", "method", "s_tag", "p_recipe"])(
    "with a %s of 100,000 characters does without it",
    async (name) => {
      const { state, server } = await open({ [name]: "(a+)+$".repeat(20_000) });
      expect(state.status.problem.value).toBeNull();
      expect(state.views.finder.series.value).toHaveLength(2);
      for (const address of server.addresses) expect(address.length).toBeLessThan(1_000);
    },
  );

  it.each([
    ["unknown runs", { runs: "none\n0 s/gone\n1 s/lost" }, 0],
    ["no slots", { runs: `none\n-5 ${A}\n1e99 ${B}` }, 2],
    ["other words", { runs: "some\n" }, 2],
    ["a run that is a number", { run: "5" }, 2],
    ["numbers out of range", { smoothing: "1e999", slope_smoothing: "-1", skip_start: "NaN", rate: "-0" }, 2],
    ["names of others", { view: "constructor", x: "__proto__", use: "toString", sort: "-", group: "valueOf" }, 2],
  ])("with %s has the defaults for them", async (_, settings, shown) => {
    const { state } = await open(settings);
    expect(state.view.value).toBe("finder");
    const { series, picked, smoothing } = state.views.finder;
    expect([picked.value, smoothing.value]).toEqual([null, 0.6]);
    expect(series.value).toHaveLength(shown);
    for (const { color, dash } of series.value) expect(`${color} ${dash}`).toMatch(/^var\(--run-\d\) [\d. ]*$/);
  });

  it("may be badly encoded, name things twice, and name thousands that nobody knows", async () => {
    const unknown = Array.from({ length: 5_000 }, (_, index) => `${PREFIX}x${index}=1`).join("&");
    const twice = `${PREFIX}smoothing=0.1&${PREFIX}smoothing=0.3`;
    const { state, location } = await open(
      `%&%zz=%ff&${PREFIX}__proto__=1&${twice}&${unknown}&${PREFIX}filter=%E0%A4%A`,
    );
    expect(state.views.finder.smoothing.value).toBe(0.3);
    expect(state.runs.filter.value).toBe("\ufffd%A");
    expect(location.hash.length).toBeLessThan(200);
  });

  it("is written for texts that are no letters", async () => {
    const { state, location } = await open("");
    state.runs.setFilter("a\ud800");
    vi.advanceTimersByTime(1_000);
    expect(location.hash).toContain(`${PREFIX}filter=a%EF%BF%BD`);
  });

  it("leaves out what would make it longer than browsers take, and keeps the rest", async () => {
    const { state, location } = await open("");
    state.runs.setFilter("x".repeat(1_000_000));
    state.views.finder.setSmoothing(0.8);
    vi.advanceTimersByTime(1_000);
    expect(location.hash).toContain("smoothing=0.8");
    expect(location.hash.length).toBeLessThan(40_000);
  });
});
