// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { State } from "../src/model/state";
import { App } from "../src/ui/App";
import { Server } from "./server";

const A = "s1/digits/adam";
let server: Server;
let state: State;

beforeEach(async () => {
  server = new Server(A);
  server.values.set(A, [3, 2.8, 2.5, 2, 1.5, 1]);
  state = new State();
  // The chart draws only where it has an area; happy-dom lays nothing out.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(500);
  render(<App state={state} />, document.body);
  await state.refresh();
  await settle();
});

afterEach(() => {
  render(null, document.body);
  vi.restoreAllMocks();
});

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const field = (name: string) => document.querySelector<HTMLInputElement>(`[data-testid=field][data-name="${name}"]`);
const settle = (milliseconds = 20) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function choose(name: string) {
  const menu = find("recipe") as HTMLSelectElement;
  menu.value = name;
  menu.dispatchEvent(new Event("change", { bubbles: true }));
  await settle();
}

async function type(name: string, text: string) {
  field(name)!.value = text;
  field(name)!.dispatchEvent(new Event("input", { bubbles: true }));
  await settle(300);
}

describe("from the suggestion to a schedule", () => {
  beforeEach(async () => {
    find("plan-from")!.click();
    await settle();
  });

  it("is one click, to the curve and the code", () => {
    expect(document.querySelector("[data-testid=view][aria-selected=true]")!.textContent).toBe("Plan a schedule");
    expect(field("learning_rate")!.value).toBe("0.0031");
    expect(find("rate-source")!.textContent).toBe("The constant rate suggested for digits/adam.");
    expect(find("schedule-line")!.dataset.id).toBe("constant");
    expect(find("recipe-code")!.textContent).toBe('build("constant")');
  });

  it("copies the code as it is shown", async () => {
    const write = vi.fn(async () => {});
    vi.spyOn(navigator, "clipboard", "get").mockReturnValue({ writeText: write } as unknown as Clipboard);
    find("copy-code")!.click();
    await settle();
    expect(write).toHaveBeenCalledWith('build("constant")');
    expect(find("copy-code")!.textContent).toBe("Copied");
  });

  it("has the fields of the recipe, each with its label", async () => {
    await choose("one_cycle");
    const labels = [...document.querySelectorAll<HTMLLabelElement>(".plan-form label")];
    expect(labels.map(({ textContent }) => textContent)).toEqual([
      "Schedule",
      "Peak",
      "Total steps",
      "Batch size",
      "Share of the rise",
      "Shape",
    ]);
    for (const label of labels) expect(document.getElementById(label.htmlFor)).not.toBeNull();
    expect([...field("shape")!.querySelectorAll("option")].map(({ textContent }) => textContent)).toEqual([
      "cosine",
      "linear",
    ]);
    expect(find("rate-source")!.textContent).toBe("The 1cycle peak suggested for digits/adam.");
  });

  it("shows both bounds of cyclical rates", async () => {
    await choose("cyclical");
    expect([field("lower")!.value, field("learning_rate")!.value]).toEqual(["0.0012", "0.0094"]);
  });

  it("offers the way back once another rate was typed", async () => {
    await type("learning_rate", "1e-2");
    expect(field("learning_rate")!.value).toBe("1e-2");
    expect(find("rate-source")).toBeNull();
    find("take-suggested")!.click();
    await settle();
    expect(field("learning_rate")!.value).toBe("0.0031");
  });

  it("says what the server refuses, and keeps the last good schedule, faded", async () => {
    server.refusal = "`total_steps` must be a whole number. Received: total_steps='many'.";
    await type("total_steps", "many");
    expect(find("plan-problem")!.textContent).toContain(server.refusal);
    expect(find("plan-problem")!.getAttribute("role")).toBe("alert");
    expect(find("recipe-code")!.textContent).toBe('build("constant")');
    expect(document.querySelector(".main")!.className).toContain("stale");
  });
});

describe("a rate picked by hand", () => {
  const pointer = (kind: string, clientX: number) =>
    document
      .querySelector(".plot")!
      .dispatchEvent(new PointerEvent(kind, { clientX, clientY: 200, pointerId: 1, bubbles: true }));
  const drag = async (from: number, to: number) => {
    vi.spyOn(HTMLElement.prototype, "setPointerCapture").mockImplementation(() => {});
    pointer("pointerdown", from);
    await settle();
    pointer("pointerup", to);
    await settle();
  };

  it("is where the chart was clicked, and leads to a schedule", async () => {
    await drag(400, 401);
    const rate = Number(find("picked-rate")!.dataset.value);
    expect(find("picked-rate")!.textContent).toBe(`Use ${rate} in a schedule`);
    expect(find("pick-mark")!.dataset.value).toBe(String(rate));
    find("picked-rate")!.click();
    await settle();
    expect(Number(field("learning_rate")!.value)).toBe(rate);
    expect(find("rate-source")!.textContent).toBe("Picked on the chart.");
  });

  it("is not picked by a drag, which zooms", async () => {
    await drag(300, 500);
    expect(find("picked-rate")).toBeNull();
    expect(find("reset-zoom")).not.toBeNull();
  });

  it("can be taken away, and goes with a double click", async () => {
    await drag(400, 400);
    document.querySelector<HTMLElement>(".pick-button .remove")!.click();
    await settle();
    expect(find("picked-rate")).toBeNull();
    await drag(400, 400);
    document.querySelector(".plot")!.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    await settle();
    expect(find("pick-mark")).toBeNull();
  });
});
