import { describe, expect, it } from "vitest";
import {
  decodeBuiltRecipe,
  decodePairs,
  decodeProbes,
  decodeRecipes,
  decodeScalar,
  decodeScalars,
  decodeSuggestions,
  decodeTraces,
} from "../../src/server/decode";
import type { Pairs } from "../../src/server/types";
import { sound } from "../support/sound";
import {
  basisJson,
  METHODS,
  OFFER,
  pairJson,
  probeJson,
  recipesJson,
  suggestionJson,
  traceJson,
  tracesJson,
  USES,
} from "../support/wire";

describe("decodeTraces", () => {
  it("translates a trace field by field", () => {
    const { traces, methods } = decodeTraces(tracesJson(traceJson("s/digits/adam")));
    expect(methods).toEqual(METHODS);
    expect(traces[0]).toMatchObject({ run: "digits/adam", session: "s", numSteps: 3, startLr: 1e-7, batchSize: 32 });
  });

  it("tells a training that swept, and what drove it", () => {
    const fields = { kind: "training", is_sweep: true, driver: "LearningRateScheduler" };
    const [trace] = decodeTraces(tracesJson(traceJson("s/a", fields))).traces;
    expect(trace).toMatchObject({ kind: "training", isSweep: true, driver: "LearningRateScheduler" });
  });

  it("accepts null where the contract does", () => {
    const unknown = { num_steps: null, start_lr: null, end_lr: null, optimizer: null, batch_size: null };
    const { traces } = decodeTraces(tracesJson(traceJson("s/a", unknown)));
    expect(traces[0]).toMatchObject({ numSteps: null, startLr: null, endLr: null, optimizer: null, batchSize: null });
  });

  it("translates trials, with null for one that diverged", () => {
    const trials = [
      { learning_rate: 0.0031, steps: 100, value: 0.42 },
      { learning_rate: 0.1, steps: 37, value: null },
    ];
    const [trace] = decodeTraces(tracesJson(traceJson("s/a", { trials }))).traces;
    expect(trace!.trials).toEqual([
      { learningRate: 0.0031, steps: 100, value: 0.42 },
      { learningRate: 0.1, steps: 37, value: null },
    ]);
  });

  it.each([
    ["nothing", null, "traces must be an object"],
    ["no version", { ...OFFER, traces: [] }, "version must be text"],
    ["no traces", { version: "v", ...OFFER }, "traces must be an array"],
    ["no uses", { ...tracesJson(), uses: undefined }, "uses must be an array"],
    ["a use of its own", { ...tracesJson(), uses: [{ name: "cosine", label: "" }] }, "uses[0].name must be one of"],
    ["a shape without a label", { ...tracesJson(), shapes: [{ name: "good" }] }, "shapes[0].label must be text"],
    ["no optimizers", { ...tracesJson(), optimizers: null }, "optimizers must be an array"],
    ["an omission below zero", { ...tracesJson(), omitted: -1 }, "omitted must be a whole number"],
  ])("says in words what is wrong with %s", (_, answer, sentence) => {
    expect(() => decodeTraces(answer)).toThrow(sentence);
  });

  it("says how many traces are not listed", () => {
    expect(decodeTraces({ ...tracesJson(), omitted: 1234 }).omitted).toBe(1234);
  });
});

describe("decodeSuggestions", () => {
  it("keeps everything it says, or its absence", () => {
    const none = {
      learning_rate: null,
      lower: null,
      upper: null,
      edge: null,
      edge_ratio: null,
      reason: "Flat.",
      confidence: null,
      uses: [],
      shape: null,
      advice: "Check labels.",
    };
    const decoded = decodeSuggestions({
      method: "auto",
      suggestions: [suggestionJson("s/a"), suggestionJson("s/b", none)],
    });
    expect(decoded[0]).toEqual({
      id: "s/a",
      learningRate: 0.0031,
      lower: 0.0002,
      upper: 0.011,
      edge: 0.032,
      edgeRatio: 10.3,
      method: "auto",
      reason: "It is steepest.",
      confidence: { word: "sure", probability: 0.966, doubt: "" },
      uses: [
        { name: "constant", learningRate: 0.0031, lower: null, reason: "It is steepest." },
        { name: "one_cycle", learningRate: 0.0094, lower: null, reason: "Three times that." },
        { name: "cyclical", learningRate: 0.0094, lower: 0.0012, reason: "Around that." },
      ],
      shape: { name: "good", sentence: "It falls and turns." },
      advice: "",
    });
    const { learning_rate: learningRate, edge_ratio: edgeRatio, ...others } = none;
    expect(decoded[1]).toEqual({ id: "s/b", method: "auto", learningRate, edgeRatio, ...others });
  });

  const confidence = (fields: object) => ({ confidence: { word: "likely", probability: 0.9, doubt: "", ...fields } });
  const use = (fields: object) => ({ uses: [{ ...USES[0], ...fields }] });
  it.each([
    ["no reason", { reason: undefined }, "reason must be text"],
    ["no confidence", { confidence: undefined }, "confidence must be an object"],
    ["a word of its own", confidence({ word: "certain" }), "confidence.word must be one of sure, likely, doubtful"],
    ["a probability beyond 1", confidence({ probability: 97 }), "confidence.probability must be a number from 0 to 1"],
    ["a probability below 0", confidence({ probability: -0.1 }), "confidence.probability must be a number from 0 to 1"],
    [
      "a probability as text",
      confidence({ probability: "0.9" }),
      "confidence.probability must be a number from 0 to 1",
    ],
    ["no doubt", confidence({ doubt: null }), "confidence.doubt must be text"],
    ["no uses", { uses: undefined }, "uses must be an array"],
    ["no shape", { shape: undefined }, "shape must be an object"],
    [
      "a shape of its own",
      { shape: { name: "round" } },
      "shape.name must be one of good, short, late, twice, trained, broke, flat, noise",
    ],
    ["no advice", { advice: null }, "advice must be text"],
    ["a shape without a sentence", { shape: { name: "flat" } }, "shape.sentence must be text"],
    ["a use of its own", use({ name: "cosine" }), "uses[0].name must be one of constant, one_cycle, cyclical"],
    ["a use without a rate", use({ learning_rate: null }), "uses[0].learning_rate must be a number"],
    ["a use with a bound as text", use({ lower: "1e-3" }), "uses[0].lower must be a number"],
    ["a use without a reason", use({ reason: undefined }), "uses[0].reason must be text"],
  ])("says in words what is wrong with %s", (_, fields, sentence) => {
    const suggestions = [suggestionJson("s/a", fields)];
    expect(() => sound(decodeSuggestions({ suggestions }))).toThrow(`malformed: ${sentence}`);
  });
});

describe("scalars", () => {
  const NAME = { run: "a/validation", tag: "epoch_loss", unit: "epoch" };
  const SCALAR = { ...NAME, steps: [0, 1], wall_times: [7, 8], values: [0.9, null] };

  it("are listed by run, tag and what their steps count", () => {
    expect(decodeScalars({ scalars: [NAME] })).toEqual([NAME]);
  });

  it("are read with NaN for values that are not finite", () => {
    expect(decodeScalar(SCALAR)).toEqual({
      ...NAME,
      steps: Float64Array.of(0, 1),
      wallTimes: Float64Array.of(7, 8),
      values: Float64Array.of(0.9, Number.NaN),
    });
  });

  it.each([
    ["a unit of its own", { unit: "batch" }, "scalar.unit must be one of epoch, step"],
    ["a value as text", { values: ["0.9", 1] }, "scalar.values[0] must be a number"],
    ["columns that do not match", { values: [1] }, "scalar must be columns of one length. Received: [2,2,1]"],
  ])("says in words what is wrong with %s", (_, fields, sentence) => {
    expect(() => decodeScalar({ ...SCALAR, ...fields })).toThrow(sentence);
  });
});

describe("probes and pairs", () => {
  it("keep good points beside a malformed one, and say why a training has none", () => {
    const points = [probeJson("p/a", 1), { ...probeJson("p/b", 2), confidence: "maybe" }];
    const [good, bad] = decodeProbes({
      probes: [
        { id: "s/a", points, sentences: ["So."], error: null },
        { id: "s/b", points: null, sentences: [], error: null },
      ],
    });
    expect(good).toMatchObject({ id: "s/a", points: [{ id: "p/a", step: 1, wallTime: 101, suggestion: 0.05 }] });
    expect(bad).toMatchObject({ id: "s/b", error: expect.stringContaining("points must be an array") });
  });

  it("name both sides of a pair", () => {
    const [{ id, pairs }] = decodePairs({
      pairs: [{ id: "s/a", pairs: [pairJson("s/a", "t/b"), {}], error: null }],
    }) as [Pairs];
    expect([id, pairs]).toEqual(["s/a", [expect.objectContaining({ training: "s/a", test: "t/b", testRun: "b" })]]);
  });
});

describe("recipes", () => {
  const RECIPES = recipesJson(0.0094);

  it("keep numbers apart from choices", () => {
    const [, oneCycle] = decodeRecipes({ basis: basisJson(), recipes: RECIPES }).recipes;
    expect(oneCycle).toMatchObject({ name: "one_cycle", label: "1cycle", use: "one_cycle" });
    expect(oneCycle!.parameters).toEqual([
      expect.objectContaining({
        name: "peak_learning_rate",
        label: "Peak rate",
        default: 0.0094,
        origin: "learning_rate",
      }),
      {
        name: "warmup_share",
        label: "Warm-up, share of the steps",
        help: "What warmup_share does.",
        kind: "number",
        default: 0.3,
        origin: null,
      },
      expect.objectContaining({ name: "shape", kind: "choice", default: "cosine", choices: ["cosine", "linear"] }),
    ]);
  });

  const parameter = (fields: object) => ({ parameters: [{ ...RECIPES[0]!.parameters[0], ...fields }] });
  it.each([
    ["a use of its own", { use: "cosine" }, "use must be one of"],
    ["a kind of its own", parameter({ kind: "flag" }), "parameters[0].kind must be one of number, integer, choice"],
    ["a number without a default", parameter({ default: null }), "parameters[0].default must be a number"],
    [
      "an origin of its own",
      parameter({ origin: "upper" }),
      "parameters[0].origin must be one of learning_rate, lower",
    ],
    ["no origin", parameter({ origin: undefined }), "parameters[0].origin must be one of"],
    ["a choice without choices", parameter({ kind: "choice", default: "a" }), "parameters[0].choices must be an array"],
  ])("says in words what is wrong with %s", (_, fields, sentence) => {
    expect(() => decodeRecipes({ basis: basisJson(), recipes: [{ ...RECIPES[0], ...fields }] })).toThrow(
      `recipes[0].${sentence}`,
    );
  });

  it("come with what their defaults follow from", () => {
    const answer = { basis: basisJson(500, 0.02, 0.001), recipes: [] };
    expect(decodeRecipes(answer).basis).toEqual({ totalSteps: 500, learningRate: 0.02, lower: 0.001 });
    expect(() => decodeRecipes({ recipes: [] })).toThrow("basis must be an object");
  });

  it("are carried out as steps, rates and code", () => {
    const built = {
      name: "constant",
      label: "Constant, peak 0.1",
      total_steps: 2,
      steps: [0, 1],
      learning_rates: [0.1, 0.1],
      framework: "pytorch",
      code: "0.1",
      margin: { sentence: "Far below.", is_above: false },
    };
    expect(decodeBuiltRecipe(built)).toEqual({
      name: "constant",
      label: "Constant, peak 0.1",
      steps: Float64Array.of(0, 1),
      learningRates: Float64Array.of(0.1, 0.1),
      framework: "pytorch",
      code: "0.1",
      margin: { sentence: "Far below.", isAbove: false },
    });
    expect(decodeBuiltRecipe({ ...built, margin: null }).margin).toBeNull();
    expect(() => decodeBuiltRecipe({ ...built, framework: "jax" })).toThrow("recipe.framework");
    expect(() => decodeBuiltRecipe({ ...built, code: null })).toThrow("recipe.code must be text");
  });
});
