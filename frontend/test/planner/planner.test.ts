import { beforeEach, describe, expect, it } from "vitest";
import { State } from "../../src/app/state";
import { sizeFields } from "../../src/planner/fields";
import { opened, Server, unreachable } from "../support/server";
import { A, B } from "../support/wire";

let server: Server;
let state: State;

beforeEach(async () => {
  server = new Server(A, B);
  state = await opened();
  server.forget();
});

const value = (key: string) => state.views.planner.fields.value.find((field) => field.key === key)?.value;
/** Leaves nothing to the purpose that the planner begins with. */
const beginFlat = () => state.settings.take(new Map([["p_recipe", "constant"]]));
/** What the last schedule was asked for. */
const asked = () => server.queries("recipe?").at(-1)!;

describe("opening the planner", () => {
  it("asks for the recipes first, and then for the one that is best for a suggestion", async () => {
    await state.setView("planner");
    const routes = server.requests.map((request) => request.split("?")[0]);
    expect(routes).toEqual(["recipes", "suggestions", "recipes", "recipe"]);
    expect(state.views.planner.recipe.value!.name).toBe("one_cycle");
    expect(asked()).toEqual({
      name: "one_cycle",
      total_steps: "1234",
      learning_rate: "0.0094",
      batch_size: "32",
      optimizer: "Adam",
      framework: "keras",
      edge: "0.032",
    });
    expect(value("learning_rate")).toBe("0.0094");
    expect(state.views.planner.built.value!.code).toBe('build("one_cycle")');
  });

  it.each([
    ["constant", "one_cycle"],
    ["one_cycle", "one_cycle"],
    ["cyclical", "cyclical"],
  ] as const)("takes rates for the purpose %s in the Finder as those of %s", async (use, recipe) => {
    state.views.finder.setUse(use);
    await state.setView("planner");
    expect(state.views.planner.recipe.value!.name).toBe(recipe);
    expect(asked()).toMatchObject({ name: recipe, learning_rate: "0.0094" });
  });

  it("opens on the recipe of the address, whatever the purpose", async () => {
    state.settings.take(new Map(Object.entries({ view: "planner", p_recipe: "constant", use: "cyclical" })));
    await state.settle();
    expect(asked()).toMatchObject({ name: "constant", learning_rate: "0.0031" });
  });

  it("takes the first run, or the one pointed at last", async () => {
    await state.setView("planner");
    expect(state.views.planner.origin.value!.run).toBe("digits/adam");
    const other = await opened();
    other.runs.focus(B);
    await other.setView("planner");
    expect(other.views.planner.origin.value!.run).toBe("digits/sgd");
  });

  it("keeps what it held when it is opened again", async () => {
    await state.setView("planner");
    await state.views.planner.type("learning_rate", "0.5");
    await state.setView("finder");
    server.forget();
    await state.setView("planner");
    expect(server.requests).toEqual([]);
    expect(value("learning_rate")).toBe("0.5");
  });

  it("works without any test", async () => {
    server.values.clear();
    const fresh = await opened();
    await fresh.setView("planner");
    expect(fresh.views.planner.origin.value).toBeNull();
    expect(server.queries("recipes")).toEqual([{}, { total_steps: "1234" }]);
    expect(server.asked("suggestions")).toEqual([]);
    expect(asked()).toEqual({ name: "one_cycle", total_steps: "1234" });
    const values = fresh.views.planner.fields.value.map((field) => field.value);
    expect(values).toEqual(["0.0045", "0.3", "cosine", "", "", "1234", ""]);
  });

  it("takes the rates of a test that came in the meantime", async () => {
    server.values.clear();
    const fresh = await opened();
    await fresh.setView("planner");
    server.values.set(B, [3, 2, 1]);
    await fresh.refresh();
    await fresh.setView("planner");
    expect(fresh.views.planner.origin.value!.run).toBe("digits/sgd");
  });
});

describe("the run that a schedule starts from", () => {
  const planner = () => state.views.planner;
  const chosen = () => state.settings.all.value.get("p_run");

  it("may be any that is shown and has a suggestion, in the order of the list", async () => {
    expect(state.plannable.value.map(({ label }) => label)).toEqual(["digits/adam", "digits/sgd"]);
    server.suggestions.set(A, { learning_rate: null, uses: [] });
    const fresh = await opened();
    expect(fresh.plannable.value.map(({ label }) => label)).toEqual(["digits/sgd"]);
  });

  it("is kept in the address, and comes back with it before the one pointed at", async () => {
    await state.planFrom(B);
    expect(chosen()).toBe(B);
    const reloaded = await opened();
    reloaded.runs.focus(A);
    reloaded.settings.take(new Map(Object.entries({ view: "planner", p_run: B })));
    await reloaded.settle();
    expect(reloaded.views.planner.origin.value!.run).toBe("digits/sgd");
  });

  it("changes with the address, typed rates staying what they are", async () => {
    await state.planFrom(A);
    const texts = { view: "planner", p_recipe: "constant", p_fields: JSON.stringify({ learning_rate: "0.5" }) };
    state.settings.take(new Map(Object.entries({ ...texts, p_run: B })));
    await state.settle();
    expect([planner().origin.value!.run, value("learning_rate")]).toEqual(["digits/sgd", "0.5"]);
  });

  it("is the first one where the address names none that is shown", async () => {
    state.settings.take(new Map(Object.entries({ view: "planner", p_run: "s9/gone" })));
    await state.settle();
    expect(planner().origin.value!.run).toBe("digits/adam");
    expect(chosen()).toBe(A);
  });

  it("is none for a rate picked by hand", async () => {
    await state.planFrom(B);
    await state.planWith(0.02);
    expect(chosen()).toBeUndefined();
  });
});

describe("the margin to the edge", () => {
  const planner = () => state.views.planner;
  const labels = () => planner().lines.value.map(({ label }) => label);

  it("is told for the edge of the run, and of the one put forward for a rate picked by hand", async () => {
    server.suggestions.set(B, { edge: 0.05 });
    const fresh = await opened();
    await fresh.planFrom(B);
    expect(asked().edge).toBe("0.05");
    fresh.runs.focus(A);
    await fresh.planWith(0.1);
    expect(asked().edge).toBe("0.032");
    expect(fresh.views.planner.built.value!.margin).toMatchObject({ sentence: "0.2 of 0.032.", isAbove: true });
  });

  it("is nothing where the test shows no edge", async () => {
    server.suggestions.set(A, { edge: null, edge_ratio: null });
    const fresh = await opened();
    await fresh.planFrom(A);
    expect(asked()).not.toHaveProperty("edge");
    expect(fresh.views.planner.built.value!.margin).toBeNull();
    expect(fresh.views.planner.lines.value).toHaveLength(1);
  });

  it("is a line over the whole schedule, as far as a linear axis has room for it", async () => {
    beginFlat();
    await state.planFrom(A);
    expect(labels()).toEqual(["constant at 0.0062"]);
    planner().setYScale("log");
    expect(labels()).toEqual(["constant at 0.0062", "blow-up edge 0.032"]);
    const [plan, edge] = planner().lines.value;
    expect([edge!.xs, edge!.rates]).toEqual([plan!.xs, Float64Array.of(0.032, 0.032, 0.032)]);
    planner().setYScale("linear");
    await planner().type("learning_rate", "0.005");
    expect(labels()).toEqual(["constant at 0.01", "blow-up edge 0.032"]);
  });
});

describe("a schedule that is kept for comparison", () => {
  const planner = () => state.views.planner;
  const labels = () => planner().lines.value.map(({ label }) => label);
  const flat = "constant at 0.0062";

  beforeEach(async () => {
    server.suggestions.set(A, { edge: null, edge_ratio: null });
    state = await opened();
    beginFlat();
    await state.planFrom(A);
    await planner().keep(true);
  });

  it("stays as it was beside the one that changes, dashed", async () => {
    await planner().choose("one_cycle");
    expect(labels()).toEqual(["one_cycle at 0.0188", `${flat} (kept)`]);
    expect(planner().lines.value.map(({ dash }) => dash !== "")).toEqual([false, true]);
    await state.planFrom(B);
    expect(labels()[1]).toBe(`${flat} (kept)`);
  });

  it("is asked for once, however often the other changes", async () => {
    server.forget();
    await planner().choose("one_cycle");
    await planner().choose("cyclical");
    expect(server.queries("recipe?").map(({ name }) => name)).toEqual(["one_cycle", "cyclical"]);
  });

  it("is what is shown, where what was typed since cannot be built", async () => {
    await planner().keep(false);
    server.refusal = "`learning_rate` must be a number.";
    await planner().type("learning_rate", "fast");
    server.refusal = null;
    await planner().keep(true);
    await planner().takeSuggested();
    expect(labels()).toEqual([flat, `${flat} (kept)`]);
  });

  it("goes when it is given up", async () => {
    await planner().keep(false);
    expect(labels()).toEqual([flat]);
    expect(state.settings.all.value.has("p_kept")).toBe(false);
  });

  it("comes back from an address", async () => {
    const reloaded = await opened();
    reloaded.settings.take(new Map([...state.settings.all.value, ["p_recipe", "cyclical"]]));
    await reloaded.settle();
    expect(reloaded.views.planner.lines.value.map(({ label }) => label)).toEqual([
      "cyclical at 0.0188",
      `${flat} (kept)`,
    ]);
  });

  it("is left out where an address keeps what cannot be built, and asked for again", async () => {
    const { failure } = server;
    const kept = JSON.stringify({ name: "constant", learning_rate: "0.3" });
    server.broken.add("0.3");
    state.settings.take(new Map([...state.settings.all.value, ["p_kept", kept]]));
    await state.settle();
    expect([failure, labels(), planner().problem.value]).toEqual([null, [flat], null]);
    server.broken.clear();
    await planner().choose("cyclical");
    expect(labels()).toEqual(["cyclical at 0.0188", "constant at 0.6 (kept)"]);
  });
});

describe("fine-tuning", () => {
  it("changes the code, in every recipe, and comes back from an address", async () => {
    beginFlat();
    await state.planFrom(A);
    expect(asked()).not.toHaveProperty("fine_tuning");
    await state.views.planner.fineTune(true);
    expect(state.views.planner.built.value!.code).toBe('tune(build("constant"))');
    const reloaded = await opened();
    reloaded.settings.take(new Map([...state.settings.all.value, ["p_recipe", "cyclical"]]));
    await reloaded.settle();
    expect(reloaded.views.planner.built.value!.code).toBe('tune(build("cyclical"))');
    await state.views.planner.fineTune(false);
    expect(state.views.planner.built.value!.code).toBe('build("constant")');
  });
});

describe("the optimizer", () => {
  beforeEach(async () => {
    server.fields.set(B, { optimizer: "SGD", batch_size: 64 });
    await state.refresh();
  });

  it("is that of the test that the rates come from", async () => {
    await state.planFrom(A);
    expect(asked().optimizer).toBe("Adam");
    await state.planFrom(B);
    expect(asked().optimizer).toBe("SGD");
    await state.views.planner.choose("one_cycle");
    expect(asked().optimizer).toBe("SGD");
  });

  it("is that of the run put forward, for a rate picked by hand", async () => {
    state.runs.focus(B);
    await state.planWith(0.02);
    expect(asked()).toMatchObject({ optimizer: "SGD", batch_size: "64" });
  });

  it("is left to the server where nobody recorded one", async () => {
    server.fields.set(B, { optimizer: null });
    await state.refresh();
    await state.planFrom(B);
    expect(asked()).not.toHaveProperty("optimizer");
  });

  it.each([
    ["with the suggested rate", {}],
    ["with a typed one", { p_fields: JSON.stringify({ learning_rate: "0.5" }) }],
  ])("comes back from an address %s", async (_, texts) => {
    const settings = { view: "planner", p_recipe: "one_cycle", run: JSON.stringify(B), ...texts };
    const reloaded = new State();
    reloaded.settings.take(new Map(Object.entries(settings)));
    await reloaded.refresh();
    const learning_rate = "p_fields" in texts ? "0.5" : "0.0094";
    expect(asked()).toMatchObject({ name: "one_cycle", learning_rate, optimizer: "SGD", batch_size: "64" });
  });
});

describe("the framework of the code", () => {
  const planner = () => state.views.planner;
  beforeEach(beginFlat);

  it("is that of the run", async () => {
    await state.planFrom(A);
    expect(asked().framework).toBe("keras");
    server.fields.set(B, { framework: "pytorch" });
    await state.refresh();
    await state.planFrom(B);
    expect([planner().framework.value, planner().built.value!.code]).toEqual(["pytorch", 'torch("constant")']);
  });

  it.each([null, "optax"])(
    "is left to the server for a run of %s, which knows the optimizers of both",
    async (framework) => {
      server.fields.set(A, { framework });
      await state.refresh();
      await state.planFrom(A);
      expect(asked()).not.toHaveProperty("framework");
      expect(planner().framework.value).toBe("keras");
      server.fields.set(B, { framework, optimizer: "RAdam" });
      await state.refresh();
      await state.planFrom(B);
      expect([planner().framework.value, planner().built.value!.code]).toEqual(["pytorch", 'torch("constant")']);
    },
  );

  it("is the chosen one, in every recipe and for every run", async () => {
    await state.planFrom(A);
    await planner().codeFor("pytorch");
    expect(planner().built.value!.code).toBe('torch("constant")');
    await planner().choose("one_cycle");
    await state.planFrom(B);
    expect(asked()).toMatchObject({ name: "one_cycle", framework: "pytorch" });
    await planner().codeFor("keras");
    expect([planner().framework.value, planner().built.value!.code]).toEqual(["keras", 'build("one_cycle")']);
  });

  it("comes back from an address, and changes with it", async () => {
    const reloaded = new State();
    const flat = { view: "planner", p_recipe: "constant" };
    reloaded.settings.take(new Map(Object.entries({ ...flat, p_code: "pytorch" })));
    await reloaded.refresh();
    expect(reloaded.views.planner.built.value!.code).toBe('torch("constant")');
    expect(reloaded.settings.all.value.get("p_code")).toBe("pytorch");
    reloaded.settings.take(new Map(Object.entries({ ...flat, p_code: "keras" })));
    await reloaded.settle();
    expect(reloaded.views.planner.built.value!.code).toBe('build("constant")');
  });
});

describe("the rates", () => {
  beforeEach(beginFlat);

  it("are those of the use that the recipe names; of cyclical rates both", async () => {
    await state.planFrom(A);
    expect(state.view.value).toBe("planner");
    expect(asked()).toMatchObject({ name: "constant", learning_rate: "0.0031" });
    await state.views.planner.choose("cyclical");
    expect(asked()).toMatchObject({ name: "cyclical", learning_rate: "0.0094", lower: "0.0012" });
    expect([value("lower"), value("learning_rate")]).toEqual(["0.0012", "0.0094"]);
  });

  it("are one field in every recipe, whatever the recipe calls it", async () => {
    await state.planFrom(A);
    await state.views.planner.type("learning_rate", "5e-3");
    expect(asked()).toMatchObject({ learning_rate: "0.005" });
    await state.views.planner.choose("one_cycle");
    expect(asked()).toMatchObject({ learning_rate: "0.005" });
  });

  it("are told apart from parameters that only happen to have the same default", async () => {
    await state.planFrom(A);
    await state.views.planner.choose("cyclical");
    await state.views.planner.type("learning_rate", "0.0031");
    await state.views.planner.type("cyclical/end_learning_rate", "1e-5");
    const keys = state.views.planner.fields.value.map(({ key }) => key);
    expect(keys).toEqual([
      "lower",
      "learning_rate",
      "cyclical/end_learning_rate",
      "epochs",
      "steps_per_epoch",
      "total_steps",
      "batch_size",
    ]);
    expect(asked()).toMatchObject({
      learning_rate: "0.0031",
      max_learning_rate: "0.0031",
      end_learning_rate: "0.00001",
    });
  });

  it("can be given up for the suggested ones", async () => {
    await state.planFrom(A);
    await state.views.planner.type("learning_rate", "0.5");
    await state.views.planner.takeSuggested();
    expect(value("learning_rate")).toBe("0.0031");
    expect(asked()).toMatchObject({ learning_rate: "0.0031" });
  });

  it("may be picked by hand, for every use", async () => {
    await state.planWith(0.02);
    expect(state.views.planner.origin.value).toMatchObject({ run: null, rate: 0.02, trace: { batchSize: 32 } });
    expect(asked()).toMatchObject({ name: "constant", learning_rate: "0.02" });
    await state.views.planner.choose("cyclical");
    expect(asked()).toMatchObject({ learning_rate: "0.02" });
    expect(asked()).not.toHaveProperty("lower");
    expect(value("lower")).toBe("0.0025");
  });

  it("read as they do elsewhere in the tab", async () => {
    await state.planWith(0.0000186);
    expect(value("learning_rate")).toBe("1.86e-5");
    expect(asked()).toMatchObject({ learning_rate: "0.0000186" });
    await state.planWith(0.031234567);
    expect(value("learning_rate")).toBe("0.03123");
    expect(asked()).toMatchObject({ learning_rate: "0.031234567" });
  });

  it("start anew with every run that is chosen, in the recipe that was", async () => {
    await state.planFrom(A);
    await state.views.planner.choose("one_cycle");
    await state.views.planner.type("learning_rate", "0.5");
    await state.planFrom(B);
    expect(state.views.planner.recipe.value!.name).toBe("one_cycle");
    expect(asked()).toMatchObject({ learning_rate: "0.0094" });
  });

  it("of a method that knows one use serve the others", async () => {
    state.views.finder.setMethod("steepest");
    await state.settle();
    await state.planFrom(A);
    await state.views.planner.choose("one_cycle");
    expect(asked()).toMatchObject({ learning_rate: "0.0031" });
  });
});

describe("the length of the training", () => {
  const type = (text: string) => state.views.planner.type("total_steps", text);
  beforeEach(beginFlat);
  const lengths = () => server.queries("suggestions").map(({ total_steps }) => total_steps);

  it("decides the rates of a run, each time that it changes", async () => {
    await state.planFrom(A);
    expect(server.queries("suggestions")).toEqual([{ trace: A, total_steps: "1234" }]);
    expect(asked()).toMatchObject({ learning_rate: "0.0031", total_steps: "1234" });
    await type("5e3");
    expect(asked()).toMatchObject({ learning_rate: "0.00155", total_steps: "5000" });
    expect(value("learning_rate")).toBe("0.00155");
    expect(state.views.planner.suggested.value!.reasons).toEqual(["It is steepest. For 5000 steps."]);
    await state.views.planner.choose("cyclical");
    await state.views.planner.type("cyclical/step_size", "7");
    expect(asked()).toMatchObject({ learning_rate: "0.0047", lower: "0.0006" });
    expect(state.views.planner.suggested.value).toMatchObject({
      label: "Cyclical bounds",
      reasons: ["Around that. For 5000 steps.", "Constant rate: It is steepest. For 5000 steps."],
    });
    await type("");
    expect(asked()).toMatchObject({ learning_rate: "0.0094", total_steps: "1234" });
    expect(lengths()).toEqual(["1234", "5000", "1234"]);
  });

  it("may be typed as epochs and their steps, in either order", async () => {
    await state.planFrom(A);
    const { planner } = state.views;
    await planner.type("epochs", "5");
    expect(asked()).toMatchObject({ total_steps: "1234" });
    await planner.type("steps_per_epoch", "1e3");
    expect(value("total_steps")).toBe("5000");
    expect(asked()).toMatchObject({ learning_rate: "0.00155", total_steps: "5000" });
    expect(asked()).not.toHaveProperty("epochs");
    await planner.type("epochs", "2.5");
    expect(asked()).toMatchObject({ total_steps: "2500" });
    await planner.type("epochs", "");
    expect(asked()).toMatchObject({ total_steps: "2500" });
  });

  it("decides by itself once it is typed, and says how many epochs it makes", async () => {
    await state.planFrom(A);
    const { planner } = state.views;
    await planner.type("steps_per_epoch", "100");
    expect(value("epochs")).toBe("12.34");
    await planner.type("epochs", "3");
    await type("5000");
    expect(asked()).toMatchObject({ total_steps: "5000" });
    expect([value("epochs"), value("steps_per_epoch")]).toEqual(["50", "100"]);
  });

  it("comes back in epochs from an address", async () => {
    const texts = { epochs: "5", steps_per_epoch: "1000", total_steps: "5000" };
    const reloaded = new State();
    const settings = { view: "planner", p_recipe: "constant", p_fields: JSON.stringify(texts) };
    reloaded.settings.take(new Map(Object.entries(settings)));
    await reloaded.refresh();
    expect(reloaded.views.planner.fields.value.map((field) => field.value)).toEqual([
      "0.00155",
      "5",
      "1000",
      "5000",
      "32",
    ]);
    expect(asked()).toMatchObject({ total_steps: "5000" });
  });

  it("is asked for once while somebody types", async () => {
    await state.planFrom(A);
    server.forget();
    await Promise.all(["8", "80", "800", "8000"].map(type));
    expect(lengths()).toEqual(["8000"]);
  });

  it("is that of the test, where it was made for one", async () => {
    server.fields.set(B, { total_steps: 8000 });
    await state.refresh();
    await state.planFrom(B);
    expect(value("total_steps")).toBe("8000");
    expect(asked()).toMatchObject({ learning_rate: "0.00155", total_steps: "8000" });
    await type("900");
    expect(asked()).toMatchObject({ learning_rate: "0.0031", total_steps: "900" });
    await type(" ");
    expect(asked()).toMatchObject({ learning_rate: "0.00155", total_steps: "8000" });
    await state.planFrom(A);
    expect(asked()).toMatchObject({ learning_rate: "0.0031", total_steps: "1234" });
  });

  it("comes back from an address, and the default with it", async () => {
    const reloaded = new State();
    const settings = { view: "planner", p_recipe: "constant", p_fields: JSON.stringify({ total_steps: "5000" }) };
    reloaded.settings.take(new Map(Object.entries(settings)));
    await reloaded.refresh();
    expect(asked()).toMatchObject({ learning_rate: "0.00155", total_steps: "5000" });
    await reloaded.views.planner.type("total_steps", "");
    expect(asked()).toMatchObject({ learning_rate: "0.0031", total_steps: "1234" });
  });

  it("leaves a rate picked by hand as it is, and one that was typed", async () => {
    await state.planWith(0.02);
    await type("5000");
    expect(server.asked("suggestions")).toEqual([]);
    expect(asked()).toMatchObject({ learning_rate: "0.02", total_steps: "5000" });
    await state.planFrom(A);
    await state.views.planner.type("learning_rate", "0.5");
    await type("1000");
    expect(asked()).toMatchObject({ learning_rate: "0.5", total_steps: "1000" });
    await type("5000");
    await state.views.planner.takeSuggested();
    expect(asked()).toMatchObject({ learning_rate: "0.00155", total_steps: "5000" });
  });

  it("is asked for by the method and the points of the chart that the rates come from", async () => {
    state.views.finder.setMethod("steepest");
    state.views.finder.setPoints("epoch");
    await state.settle();
    server.forget();
    await state.planFrom(A);
    state.views.finder.setMethod("auto");
    await type("5000");
    const question = { trace: A, method: "steepest", by: "epoch" };
    const ofPlanner = server.queries("suggestions").filter((query) => "total_steps" in query);
    expect(ofPlanner).toEqual([
      { ...question, total_steps: "1234" },
      { ...question, total_steps: "5000" },
    ]);
    expect(asked()).toMatchObject({ learning_rate: "0.0031" });
  });

  it("leaves the rates of a run that is gone, or has none any more, as they were", async () => {
    await state.planFrom(A);
    server.values.delete(A);
    await type("5000");
    expect(state.views.planner.problem.value).toBeNull();
    expect(asked()).toMatchObject({ learning_rate: "0.0031", total_steps: "5000" });
    expect(state.views.planner.suggested.value!.reasons).toEqual(["It is steepest. For 1234 steps."]);
    server.values.set(A, [3, 2, 1]);
    server.suggestions.set(A, { learning_rate: null, uses: [] });
    await type("6000");
    expect(asked()).toMatchObject({ learning_rate: "0.0031", total_steps: "6000" });
  });
});

describe("the fields", () => {
  beforeEach(beginFlat);
  beforeEach(() => state.planFrom(A));

  it("are sent only where somebody typed, as numbers whatever the notation", async () => {
    await state.views.planner.choose("one_cycle");
    expect(asked()).not.toHaveProperty("warmup_share");
    await state.views.planner.type("one_cycle/warmup_share", " 2e-1 ");
    await state.views.planner.type("total_steps", "1e4");
    expect(asked()).toMatchObject({ warmup_share: "0.2", total_steps: "10000" });
  });

  it("of the sizes are there when the server has said the total: what is typed before would mix with it", () => {
    const total = (steps: number | null, typed = new Map<string, string>()) =>
      sizeFields("", steps, 32, typed)[2]?.value;
    expect(sizeFields("", null, 32, new Map())).toEqual([]);
    expect(total(null, new Map([["total_steps", "12"]]))).toBe("12");
    expect(total(1000)).toBe("1000");
  });

  it("count as not typed while they are empty, the steps too", async () => {
    await state.views.planner.type("total_steps", "77");
    await state.views.planner.type("total_steps", " ");
    expect(server.queries("recipes").at(-1)!).toMatchObject({ total_steps: "1234" });
    expect(asked()).toMatchObject({ total_steps: "1234" });
    expect(state.views.planner.fields.value.find(({ key }) => key === "total_steps")!.fallback).toBe("1234");
    await state.views.planner.choose("one_cycle");
    await state.views.planner.type("one_cycle/warmup_share", "");
    expect(value("one_cycle/warmup_share")).toBe("");
    expect(asked()).not.toHaveProperty("warmup_share");
  });

  it("of the batch size begin with that of the run, and say nothing where they are empty", async () => {
    server.fields.set(B, { batch_size: 64 });
    await state.refresh();
    await state.planFrom(B);
    await state.views.planner.type("batch_size", "8");
    expect(asked()).toMatchObject({ batch_size: "8" });
    await state.views.planner.type("batch_size", "");
    expect(asked()).not.toHaveProperty("batch_size");
    expect(state.views.planner.fields.value.find(({ key }) => key === "batch_size")).toMatchObject({
      value: "",
      fallback: "",
    });
    await state.views.planner.type("batch_size", "64");
    server.fields.set(B, { batch_size: null });
    await state.refresh();
    await state.planFrom(B);
    expect(asked()).toMatchObject({ batch_size: "64" });
    await state.views.planner.type("batch_size", "");
    expect(asked()).not.toHaveProperty("batch_size");
  });

  it("are remembered by recipe", async () => {
    await state.views.planner.choose("one_cycle");
    await state.views.planner.type("one_cycle/warmup_share", "0.4");
    await state.views.planner.choose("constant");
    expect(asked()).not.toHaveProperty("warmup_share");
    await state.views.planner.choose("one_cycle");
    expect(asked()).toMatchObject({ warmup_share: "0.4" });
  });

  it("offer choices where there are any", async () => {
    await state.views.planner.choose("one_cycle");
    const shape = state.views.planner.fields.value.find(({ name }) => name === "shape")!;
    expect(shape).toMatchObject({ key: "one_cycle/shape", choices: ["cosine", "linear"], value: "cosine" });
  });

  it("ask once for several letters typed in a row", async () => {
    server.forget();
    const typing = ["0", "0.", "0.0", "0.02"].map((text) => state.views.planner.type("learning_rate", text));
    await Promise.all(typing);
    expect(server.asked("recipe?")).toHaveLength(1);
    expect(asked()).toMatchObject({ learning_rate: "0.02" });
  });
});

describe("what the server refuses", () => {
  beforeEach(beginFlat);
  beforeEach(() => state.planFrom(A));

  it("is said in its own words, and the last good schedule stays", async () => {
    const before = state.views.planner.built.value;
    server.refusal = "`learning_rate` must be a number. Received: learning_rate='fast'.";
    await state.views.planner.type("learning_rate", "fast");
    expect(asked()).toMatchObject({ learning_rate: "fast" });
    expect(state.views.planner.problem.value).toBe(server.refusal);
    expect(state.views.planner.built.value).toBe(before);
    expect(state.status.problem.value).toBeNull();
    server.refusal = null;
    await state.views.planner.type("learning_rate", "0.1");
    expect(state.views.planner.problem.value).toBeNull();
    expect(state.views.planner.built.value).not.toBe(before);
  });

  it("is tried again with the next poll, where there is no schedule yet", async () => {
    const fresh = await opened();
    server.failure = unreachable;
    await fresh.setView("planner");
    expect(fresh.views.planner.problem.value).toBe("TensorBoard does not answer.");
    server.failure = null;
    await fresh.refresh();
    expect(fresh.views.planner.built.value).not.toBeNull();
  });
});
