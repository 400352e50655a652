import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followAddress, type Page } from "../../src/settings/address";
import { readHash, writeHash } from "../../src/settings/fragment";
import { Settings } from "../../src/settings/settings";

/** A window with an address and a history. */
class FakePage extends EventTarget {
  readonly location;
  readonly #back: string[] = [];
  readonly history = {
    state: { namespaceId: "7" },
    replaceState: vi.fn(this.#replace.bind(this)),
    pushState: vi.fn(this.#push.bind(this)),
  };

  constructor(hash: string) {
    super();
    this.location = new URL(`http://host/tensorboard/?darkMode=true${hash}`);
  }

  /** As the user does, or the history. */
  edit(hash: string): void {
    this.location.hash = hash;
    this.dispatchEvent(new Event("hashchange"));
  }

  back(): void {
    this.edit(new URL(this.#back.pop()!).hash);
  }

  #push(_: unknown, __: string, url: string): void {
    this.#back.push(this.location.href);
    this.location.href = url;
  }

  #replace(_: unknown, __: string, url: URL): void {
    this.location.href = url.href;
  }
}

const stops: (() => void)[] = [];
const memory = new Map<string, string>();

beforeEach(() => {
  vi.useFakeTimers();
  memory.clear();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => memory.get(name) ?? null,
    setItem: (name: string, text: string) => memory.set(name, text),
  });
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(hash: string) {
  const page = new FakePage(hash);
  const all = new Settings();
  const view = all.place("view", ["finder", "planner"], "finder");
  const smoothing = all.number("smoothing", 0.6, [0, 0.99]);
  const filter = all.text("filter");
  stops.push(followAddress(all, page as unknown as Page));
  return { page, all, view, smoothing, filter };
}

const settle = () => vi.advanceTimersByTime(1_000);

describe("the fragment of an address", () => {
  it("holds the texts of several, and each changes its own", () => {
    const hash = "#lr_finder&p.other.filter=a%3D&p.lr_finder.smoothing=0.8&runFilter=x";
    const written = writeHash(hash, "p.lr_finder.", new Map([["filter", "a=b&c\n#%+ ü"]]));
    expect(written.startsWith("#lr_finder&p.other.filter=a%3D&runFilter=x&p.lr_finder.filter=")).toBe(true);
    expect(readHash(written, "p.lr_finder.")).toEqual(new Map([["filter", "a=b&c\n#%+ ü"]]));
  });

  it("takes what people type", () => {
    expect(readHash("#x&p.lr_finder.filter=a.+%&p.lr_finder.rate", "p.lr_finder.")).toEqual(
      new Map([
        ["filter", "a.+%"],
        ["rate", ""],
      ]),
    );
    expect(readHash("", "p.lr_finder.").size).toBe(0);
  });
});

describe("the address", () => {
  it("is taken at the start, and says all of it", () => {
    const { page, view, smoothing } = open("#lr_finder&p.lr_finder.view=planner&p.lr_finder.smoothing=0.8");
    expect([view.value, smoothing.value]).toEqual(["planner", 0.8]);
    settle();
    expect(page.history.replaceState).not.toHaveBeenCalled();
  });

  it("always says where one is, and leaves the rest of it, and the state of the history, alone", () => {
    const { page } = open("#lr_finder&p.other.x=1");
    settle();
    expect(page.location.href).toBe(
      "http://host/tensorboard/?darkMode=true#lr_finder&p.other.x=1&p.lr_finder.view=finder",
    );
    expect(page.history.replaceState.mock.lastCall![0]).toEqual({ namespaceId: "7" });
  });

  it("is written once while a slider moves", () => {
    const { page, smoothing } = open("#lr_finder&p.lr_finder.view=finder");
    for (const weight of [0.61, 0.7, 0.8]) {
      smoothing.value = weight;
      vi.advanceTimersByTime(50);
    }
    expect(page.history.replaceState).not.toHaveBeenCalled();
    settle();
    expect(page.history.replaceState).toHaveBeenCalledTimes(1);
    expect(page.location.hash).toBe("#lr_finder&p.lr_finder.view=finder&p.lr_finder.smoothing=0.8");
    smoothing.value = 0.6;
    settle();
    expect(page.location.hash).toBe("#lr_finder&p.lr_finder.view=finder");
  });

  it("is followed when it is edited, without a loop", () => {
    const { page, smoothing } = open("#lr_finder&p.lr_finder.view=finder&p.lr_finder.smoothing=0.8");
    settle();
    page.edit("#lr_finder&p.lr_finder.view=finder&p.lr_finder.smoothing=0.3");
    expect(smoothing.value).toBe(0.3);
    page.edit("#lr_finder&p.lr_finder.view=finder");
    expect(smoothing.value).toBe(0.6);
    settle();
    expect(page.history.replaceState).not.toHaveBeenCalled();
  });

  it("does not take a choice back when TensorBoard changes its own part of it", () => {
    const { page, smoothing } = open("#lr_finder&p.lr_finder.view=finder&p.lr_finder.smoothing=0.8");
    settle();
    smoothing.value = 0.9;
    page.edit("#scalars&p.lr_finder.view=finder&p.lr_finder.smoothing=0.8");
    settle();
    expect(page.location.hash).toBe("#scalars&p.lr_finder.view=finder&p.lr_finder.smoothing=0.9");
  });

  it.each(["#scalars&p.lr_finder.view=planner", "#scalars"])(
    "says in the history of another tab, %s, what is shown here",
    (hash) => {
      const { page, view, smoothing } = open("#lr_finder&p.lr_finder.view=finder&p.lr_finder.smoothing=0.8");
      settle();
      page.edit(hash);
      settle();
      expect([view.value, smoothing.value]).toEqual(["finder", 0.8]);
      expect(page.location.hash).toBe("#scalars&p.lr_finder.view=finder&p.lr_finder.smoothing=0.8");
    },
  );

  it("is followed without a tab before it too, where the page is no TensorBoard", () => {
    const { page, smoothing } = open("#p.lr_finder.view=finder");
    page.edit("#p.lr_finder.view=finder&p.lr_finder.smoothing=0.8");
    expect(smoothing.value).toBe(0.8);
    page.edit("");
    expect(smoothing.value).toBe(0.6);
  });

  it("goes on where the browser refuses to write it", () => {
    const { page, smoothing } = open("");
    page.history.replaceState.mockImplementationOnce(() => {
      throw new DOMException("Too often.", "SecurityError");
    });
    settle();
    smoothing.value = 0.9;
    settle();
    expect(page.location.hash).toContain("smoothing=0.9");
  });
});

describe("the memory", () => {
  it("holds preferences, which count where the address says nothing", () => {
    const { smoothing, filter, view } = open("#lr_finder");
    smoothing.value = 0.8;
    filter.value = "adam";
    view.value = "planner";
    settle();
    const later = open("#lr_finder");
    expect([later.smoothing.value, later.filter.value, later.view.value]).toEqual([0.8, "", "finder"]);
  });

  it("does not leak into what an address shows, nor the address into it", () => {
    memory.set("lr_finder", "smoothing=0.8");
    const { smoothing, filter } = open("#lr_finder&p.lr_finder.view=finder");
    expect(smoothing.value).toBe(0.6);
    filter.value = "adam";
    settle();
    expect(open("#lr_finder").smoothing.value).toBe(0.8);
  });

  it("forgets what goes back to its default", () => {
    const { smoothing } = open("#lr_finder");
    smoothing.value = 0.8;
    settle();
    smoothing.value = 0.6;
    settle();
    expect(memory.get("lr_finder")).toBe("");
  });

  it("may be forbidden", () => {
    vi.stubGlobal("localStorage", undefined);
    const { smoothing, page } = open("#lr_finder");
    smoothing.value = 0.8;
    settle();
    expect(page.location.hash).toContain("smoothing=0.8");
  });
});

describe("a place that was left", () => {
  it("is where the browser's Back leads, with what was chosen a moment before", () => {
    const { page, all, view, filter } = open("#lr_finder");
    filter.value = "adam";
    all.depart();
    [view.value, filter.value] = ["planner", ""];
    settle();
    expect(readHash(page.location.hash, "p.lr_finder.")).toEqual(new Map([["view", "planner"]]));
    page.back();
    expect([view.value, filter.value]).toEqual(["finder", "adam"]);
    settle();
    expect(page.history.pushState).toHaveBeenCalledTimes(1);
  });

  it("is lost where the browser forbids entries of the history, and nothing else is", () => {
    const { page, all, view } = open("#lr_finder");
    page.history.pushState.mockImplementation(() => {
      throw new Error("SecurityError");
    });
    all.depart();
    view.value = "planner";
    settle();
    expect(page.location.hash).toContain("view=planner");
  });
});
