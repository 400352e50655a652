import { describe, expect, it } from "vitest";
import { Settings } from "../../src/settings/settings";

function settings() {
  const all = new Settings();
  return {
    all,
    use: all.choice("use", ["constant", "cyclical"], "constant"),
    smoothing: all.number("smoothing", 0.6, [0, 0.99]),
    tail: all.flag("tail", true),
    filter: all.text("filter"),
    rate: all.data("rate", (value) => (typeof value === "number" ? value : undefined)),
    view: all.place("view", ["finder", "planner"], "finder"),
  };
}

const texts = (entries: Record<string, string>) => new Map(Object.entries(entries));

describe("settings", () => {
  it("are written only where they are not at their default, but for the place, which is always written", () => {
    const { all, smoothing, tail, rate } = settings();
    expect(Object.fromEntries(all.all.value)).toEqual({ view: "finder" });
    smoothing.value = 0.8;
    tail.value = false;
    rate.value = 0.0031;
    expect(Object.fromEntries(all.all.value)).toEqual({ smoothing: "0.8", tail: "0", rate: "0.0031", view: "finder" });
  });

  it("come back as they were written", () => {
    const [one, other] = [settings(), settings()];
    one.use.value = "cyclical";
    one.smoothing.value = 0;
    one.tail.value = false;
    one.filter.value = "a=b&c #+%";
    one.rate.value = 1e-7;
    one.view.value = "planner";
    other.all.take(one.all.all.value);
    expect(other.all.all.value).toEqual(one.all.all.value);
    expect([other.smoothing.value, other.tail.value, other.rate.value]).toEqual([0, false, 1e-7]);
  });

  it("are at their default where nothing is said of them", () => {
    const { all, smoothing, rate } = settings();
    smoothing.value = 0.8;
    rate.value = 1;
    all.take(texts({ use: "cyclical" }));
    expect([smoothing.value, rate.value]).toEqual([0.6, null]);
  });

  it.each([
    { use: "other" },
    { smoothing: "7" },
    { smoothing: "" },
    { smoothing: "much" },
    { tail: "yes" },
    { rate: "{" },
    { rate: '"text"' },
    { view: "nowhere" },
    { unknown: "1" },
  ])("stay as they are where a text cannot be read: %j", (text) => {
    const { all, smoothing, rate } = settings();
    const said = { smoothing: "0.8", rate: "0.5" };
    all.take(texts(said));
    all.take(texts({ ...said, ...text }));
    expect([smoothing.value, rate.value]).toEqual([0.8, 0.5]);
    expect(all.all.value.get("view")).toBe("finder");
  });

  it("tell what is preferred from what belongs to one experiment", () => {
    const { all, use, filter, rate, view } = settings();
    use.value = "cyclical";
    filter.value = "adam";
    rate.value = 1;
    view.value = "planner";
    expect(Object.fromEntries(all.preferences.value)).toEqual({ use: "cyclical" });
  });

  it("have a key each, or one would be written over the other", () => {
    expect(() => settings().all.text("use")).toThrow('"use"');
  });
});
