// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { State } from "../../src/app/state";
import { act, click, clipboard, enter, find, mount, point, poll, settle, texts, unmount } from "../support/page";
import { Server } from "../support/server";
import { A, B, DESCENT, USES } from "../support/wire";

let server: Server;
let state: State;

beforeEach(async () => {
  server = new Server(A);
  server.values.set(A, DESCENT);
  state = mount();
  await poll(state);
});

afterEach(unmount);

const field = (name: string) => document.querySelector<HTMLInputElement>(`[data-testid=field][data-name="${name}"]`);
const take = (recipe: string) => enter(find("recipe"), recipe);

/** The server is asked a moment after the last letter. */
async function type(name: string, text: string) {
  await enter(field(name), text, "input");
  await settle(300);
}

describe("from the suggestion to a schedule", () => {
  beforeEach(async () => {
    await click(find("plan-from"));
    await take("constant");
  });

  it("is one click, to the curve and the code", () => {
    expect(document.querySelector("[data-testid=view][aria-selected=true]")!.textContent).toBe("Plan a schedule");
    expect(field("learning_rate")!.value).toBe("0.0031");
    expect(find("rate-source")!.textContent).toBe(
      "The constant rate suggested for digits/adam. It is steepest. For 1234 steps.",
    );
    expect(find("schedule-line")!.dataset.id).toBe("constant");
    expect(find("recipe-code")!.textContent).toBe('build("constant")');
  });

  it("writes its code for the framework that is chosen", async () => {
    expect(texts("option", find("framework")!)).toEqual(["Keras", "PyTorch"]);
    await enter(find("framework"), "pytorch");
    expect(find("recipe-code")!.textContent).toBe('torch("constant")');
    expect((find("framework") as HTMLSelectElement).value).toBe("pytorch");
  });

  it("says what each field of the recipe does, to a screen reader too", async () => {
    await take("one_cycle");
    const help = document.getElementById(field("warmup_share")!.getAttribute("aria-describedby")!)!;
    expect(help.textContent).toBe("What warmup_share does.");
    expect(help.parentElement!.contains(field("warmup_share"))).toBe(true);
    expect(document.getElementById("field-epochs")!.hasAttribute("aria-describedby")).toBe(false);
  });

  it("starts from another run that is shown", async () => {
    server.values.set(B, DESCENT);
    server.suggestions.set(B, { learning_rate: 0.02, uses: [{ ...USES[0]!, learning_rate: 0.02 }] });
    await poll(state);
    await act(() => state.setSelected([B], true));
    expect(texts("option", find("plan-run")!)).toEqual(["digits/adam", "digits/sgd"]);
    await enter(find("plan-run"), B);
    expect((find("plan-run") as HTMLSelectElement).value).toBe(B);
    expect(field("learning_rate")!.value).toBe("0.02");
    await act(() => state.setSelected([B], false));
    expect(texts("option", find("plan-run")!)).toEqual(["digits/adam", "digits/sgd"]);
  });

  it("tells the margin to the edge, warns above it, and says where the edge is out of sight", async () => {
    const hidden = "The blow-up edge lies above: Log shows it.";
    expect(find("plan-margin")!.textContent).toBe("0.0062 of 0.032.");
    expect(document.body.textContent).toContain(hidden);
    await act(() => state.views.planner.setYScale("log"));
    expect(texts("li", find("marks")!)).toEqual(["constant at 0.0062", "blow-up edge 0.032"]);
    expect(document.body.textContent).not.toContain(hidden);
    await act(() => state.views.planner.setYScale("linear"));
    expect(find("plan-margin")!.className).not.toContain("problem");
    await type("learning_rate", "0.02");
    expect(find("plan-margin")!.textContent).toBe("0.04 of 0.032.");
    expect(find("plan-margin")!.className).toContain("problem");
    expect(texts("li", find("marks")!)).toEqual(["constant at 0.04", "blow-up edge 0.032"]);
  });

  it("keeps a schedule beside the next one, named in the legend", async () => {
    await click(find("keep-plan"));
    await take("one_cycle");
    expect(texts("li", find("marks")!)).toEqual([
      "one_cycle at 0.0188",
      "constant at 0.0062 (kept)",
      "blow-up edge 0.032",
    ]);
    const drawn = [...document.querySelectorAll<SVGElement>("[data-testid=schedule-line]")];
    expect(drawn.map(({ dataset }) => dataset.id)).toEqual(["one_cycle", "kept", "edge"]);
    expect(find("keep-plan")!.textContent).toBe("Remove comparison");
    await click(find("keep-plan"));
    expect(texts("li", find("marks")!)).toEqual(["one_cycle at 0.0188", "blow-up edge 0.032"]);
    expect(find("keep-plan")!.textContent).toBe("Keep for comparison");
  });

  it("offers fine-tuning with what is usual for it", async () => {
    expect(document.body.textContent).toContain("A tenth for the pretrained layers.");
    await click(find("fine-tuning"));
    expect(find("recipe-code")!.textContent).toBe('tune(build("constant"))');
    expect((find("fine-tuning") as HTMLInputElement).checked).toBe(true);
  });

  it("copies the code as it is shown", async () => {
    const copied = clipboard();
    await click(find("copy-code"));
    expect(copied).toEqual(['build("constant")']);
    expect(find("copy-code")!.textContent).toBe("Copied");
  });

  it("has the fields of the recipe, each with its label", async () => {
    await take("one_cycle");
    const labels = [...document.querySelectorAll<HTMLLabelElement>(".plan-form label")];
    expect(labels.map(({ textContent }) => textContent)).toEqual([
      "Rates from",
      "Schedule",
      "Peak rate",
      "Epochs",
      "Steps per epoch",
      "Total steps",
      "Batch size",
      "Code for",
      "Fine-tuning a pretrained model",
      "Warm-up, share of the steps",
      "Shape",
    ]);
    for (const { htmlFor, control } of labels)
      expect(htmlFor ? document.getElementById(htmlFor) : control).not.toBeNull();
    expect(texts("option", field("shape")!)).toEqual(["cosine", "linear"]);
    expect(find("rate-source")!.textContent).toBe(
      "The 1cycle peak suggested for digits/adam. Three times that. For 1234 steps. " +
        "Constant rate: It is steepest. For 1234 steps.",
    );
  });

  it("says which rate it has where the method knows only one", async () => {
    await act(() => state.views.finder.setMethod("steepest"));
    await act(() => void state.planFrom(A));
    await take("one_cycle");
    expect(find("rate-source")!.textContent).toBe("The constant rate suggested for digits/adam. It is steepest.");
  });

  it("says for what length the rate is", async () => {
    await type("total_steps", "5000");
    expect(field("learning_rate")!.value).toBe("0.00155");
    expect(find("rate-source")!.textContent).toBe(
      "The constant rate suggested for digits/adam. It is steepest. For 5000 steps.",
    );
  });

  it("shows both bounds of cyclical rates", async () => {
    await take("cyclical");
    expect([field("lower")!.value, field("learning_rate")!.value]).toEqual(["0.0012", "0.0094"]);
  });

  it("offers the way back once another rate was typed", async () => {
    await type("learning_rate", "1e-2");
    expect(field("learning_rate")!.value).toBe("1e-2");
    expect(find("rate-source")).toBeNull();
    await click(find("take-suggested"));
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
  const drag = async (from: number, to: number) => {
    vi.spyOn(HTMLElement.prototype, "setPointerCapture").mockImplementation(() => {});
    await point(from, 200, "pointerdown");
    await point(to, 200, "pointerup");
  };

  it("is where the chart was clicked, and leads to a schedule", async () => {
    await drag(400, 401);
    const rate = Number(find("picked-rate")!.dataset.value);
    expect(find("picked-rate")!.textContent).toBe(`Use ${rate} in a schedule`);
    expect(find("pick-mark")!.dataset.value).toBe(String(rate));
    await click(find("picked-rate"));
    expect(Number(field("learning_rate")!.value)).toBe(rate);
    expect(find("rate-source")).toBeNull();
    expect(texts("option", find("plan-run")!)).toEqual(["digits/adam", "Picked on the chart"]);
    expect((find("plan-run") as HTMLSelectElement).value).toBe("");
  });

  it("is not picked by a drag, which zooms", async () => {
    await drag(300, 500);
    expect(find("picked-rate")).toBeNull();
    expect(find("reset-zoom")).not.toBeNull();
  });

  it("can be taken away, and goes with a double click", async () => {
    await drag(400, 400);
    await click(document.querySelector(".pick-button .remove"));
    expect(find("picked-rate")).toBeNull();
    await drag(400, 400);
    await act(() => document.querySelector(".plot")!.dispatchEvent(new MouseEvent("dblclick", { bubbles: true })));
    expect(find("pick-mark")).toBeNull();
  });
});
