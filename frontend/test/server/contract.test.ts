/** The wire format as the Python side writes it: a change there fails here. */

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { smooth } from "../../src/base/smoothing";
import { parameterFields, RATE_KEYS } from "../../src/planner/fields";
import {
  decodeBuiltRecipe,
  decodeCurves,
  decodePairs,
  decodeProbes,
  decodeRecipes,
  decodeRelation,
  decodeScalar,
  decodeScalars,
  decodeSchedules,
  decodeSlopes,
  decodeSuggestions,
  decodeTraces,
} from "../../src/server/decode";
import { type Curve, type Schedule, SHAPES, type Slope, USES } from "../../src/server/types";
import { sound } from "../support/sound";

type Columns = Record<"learning_rate" | "values" | "smoothed_0.6", (number | null)[]>;
type Expected = Record<string, Columns & { column: string; mode: string }>;

const FOLDER = new URL("../../fixtures/", import.meta.url);

function read(name: string): Buffer {
  const file = new URL(name, FOLDER);
  if (!existsSync(file))
    throw new Error(`The fixtures of the Python side are missing (${name}): run \`make fixtures\`.`);
  return readFileSync(file);
}

const json = (name: string): unknown => JSON.parse(read(name).toString());

const binary = (name: string) => Uint8Array.from(read(name)).buffer;

function curves(name = "curves.bin"): Map<string, Curve> {
  return new Map(sound<Curve>(decodeCurves(binary(name))).map((curve) => [curve.id, curve]));
}

/** Non-finite values are null in the expectation. */
const finite = (values: Float64Array) => [...values].map((value) => (Number.isFinite(value) ? value : null));

describe("what Python writes", () => {
  it("decodes to the recorded values, bit for bit", () => {
    const expected = Object.entries(json("expected.json") as Expected);
    expect(expected.length).toBeGreaterThan(0);
    for (const [id, columns] of expected) {
      const curve = curves().get(id)!;
      expect(curve).toMatchObject({ column: columns.column, mode: columns.mode });
      expect(finite(curve.learningRate)).toEqual(columns.learning_rate);
      expect(finite(curve.values)).toEqual(columns.values);
    }
  });

  it("smooths here as it smooths there", () => {
    for (const [id, columns] of Object.entries(json("expected.json") as Expected)) {
      const smoothed = finite(smooth(curves().get(id)!.values, 0.6));
      expect(smoothed).toHaveLength(columns["smoothed_0.6"].length);
      smoothed.forEach((value, index) => {
        const wanted = columns["smoothed_0.6"][index]!;
        if (value === null || wanted === null) expect(value).toBe(wanted);
        else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(wanted)));
      });
    }
  });

  it("lists every curve among the traces; of a loss, with as many rows", () => {
    const { traces, methods, uses, shapes, optimizers } = decodeTraces(json("traces.json"));
    for (const { statusText } of traces) expect(statusText).not.toContain("malformed");
    expect(methods.length).toBeGreaterThan(0);
    expect(uses.map(({ name }) => name)).toEqual(USES);
    expect(shapes.map(({ name }) => name)).toEqual(SHAPES);
    expect(optimizers).toContain("Adam");
    for (const [id, curve] of curves()) {
      const rows = traces.find((trace) => trace.id === id)?.rows;
      expect(rows).toBeDefined();
      if (curve.column === "loss") expect(curve.values.length).toBe(rows);
      else expect(curve.values.length).toBeLessThan(rows!);
    }
  });

  it("thins long curves to rows of theirs, smoothed as all of them are", () => {
    const expected = json("expected.json") as Expected;
    const thinned = [...curves("curves_thinned.bin").values()].filter(({ isWhole }) => !isWhole);
    expect(thinned.length).toBeGreaterThan(0);
    for (const { id, learningRate, values, smoothed, total } of thinned) {
      const columns = expected[id]!;
      expect(total).toBe(columns.values.length);
      expect(values.length).toBeLessThan(total);
      const rows = [...learningRate].map((rate) => columns.learning_rate.indexOf(rate));
      expect(finite(values)).toEqual(rows.map((row) => columns.values[row]));
      expect(finite(smoothed!)).toEqual(rows.map((row) => columns["smoothed_0.6"][row]));
    }
  });

  it("tells how steep the curves are, over ascending rates", () => {
    const slopes = sound<Slope>(decodeSlopes(binary("slopes.bin")));
    expect(slopes.map(({ id }) => id)).toEqual([...curves().keys()]);
    for (const { id, learningRate, values, column } of slopes) {
      expect(column).toBe(curves().get(id)!.column);
      expect(learningRate).toEqual(learningRate.toSorted());
      expect(values).toHaveLength(learningRate.length);
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(slopes[0]!.values.length).toBeGreaterThan(100);
  });

  it("says of every curve with a suggestion what it looks like", () => {
    for (const { learningRate, shape } of sound(decodeSuggestions(json("suggestions.json")))) {
      if (learningRate !== null) expect(shape!.sentence).not.toBe("");
    }
  });

  it("ends the usable band at the lowest value of the curve", () => {
    const analysed = sound(decodeSuggestions(json("suggestions.json"))).filter(({ upper }) => upper !== null);
    expect(analysed.length).toBeGreaterThan(0);
    for (const { id, upper } of analysed) expect(curves().get(id)!.lowest!.learningRate).toBe(upper);
  });

  it("suggests rates inside of the sweep", () => {
    for (const { id, learningRate, reason, uses } of sound(decodeSuggestions(json("suggestions.json")))) {
      expect(reason).not.toBe("");
      const constant = learningRate === null ? undefined : { name: "constant", learningRate, lower: null, reason };
      expect(uses.find(({ name }) => name === "constant")).toEqual(constant);
      const rates = curves().get(id)?.learningRate;
      if (learningRate === null || !rates) continue;
      expect(learningRate).toBeGreaterThanOrEqual(rates[0]!);
      expect(learningRate).toBeLessThanOrEqual(rates.at(-1)!);
    }
  });
});

describe("what Python writes of probes and pairs", () => {
  const { traces } = decodeTraces(json("probed_traces.json"));
  const ids = new Set(traces.map(({ id }) => id));

  it("tells probes among the traces, and each of them at its place in its training", () => {
    const probes = new Map(traces.flatMap(({ id, probe }) => (probe ? [[id, probe]] : [])));
    const points = decodeProbes(json("probes.json")).flatMap((entry) => ("points" in entry ? entry.points : []));
    expect(points.length).toBeGreaterThan(0);
    expect(points.map(({ id }) => id).sort()).toEqual([...probes.keys()].sort());
    for (const { id, step, learningRate } of points) expect({ step, learningRate }).toEqual(probes.get(id));
  });

  it("says something of probes where there are some", () => {
    for (const entry of decodeProbes(json("probes.json"))) {
      expect(entry.error ?? "").not.toContain("malformed");
      if ("points" in entry) expect(entry.sentences.length > 0).toBe(entry.points.length > 0);
    }
  });

  it("names both sides of each pair among the traces", () => {
    const pairs = decodePairs(json("pairs.json")).flatMap((entry) => ("pairs" in entry ? entry.pairs : []));
    expect(pairs.length).toBeGreaterThan(0);
    for (const { training, test, sentence } of pairs) {
      expect(ids.has(training) && ids.has(test)).toBe(true);
      expect(sentence).toMatch(/^Trained at .*\.$/);
    }
  });
});

describe("what Python writes of relations", () => {
  it("decodes to points, medians in their order, and the reason of what is left out", () => {
    const { kind, points, groups, sentences, leftOut } = decodeRelation(json("relation.json"));
    expect([kind, points.map(({ x }) => x)]).toEqual(["number", [16, 64, 256]]);
    expect(groups.map(({ name, values }) => [name, values.map(({ x }) => x)])).toEqual([["Adam", [16, 64, 256]]]);
    expect(points.every(({ group, y, lower, upper }) => group === "Adam" && y > lower! && y < upper!)).toBe(true);
    expect(leftOut.map(({ reason }) => reason)).toEqual([expect.stringMatching(/not known/)]);
    expect(Array.isArray(sentences)).toBe(true);
  });
});

describe("what Python writes of schedules", () => {
  const schedules = () => {
    return sound<Schedule>(decodeSchedules(binary("schedules.bin"))).filter(({ step }) => step.length > 0);
  };

  it("decodes to rates over ascending steps, with rate changes among them", () => {
    expect(schedules().length).toBeGreaterThan(0);
    expect(schedules().some(({ rateChanges }) => rateChanges.length > 0)).toBe(true);
    for (const { step, learningRate, rateChanges } of schedules()) {
      expect(step).toEqual(step.toSorted());
      expect(learningRate.every((rate) => rate >= 0)).toBe(true);
      for (const change of rateChanges) expect(step).toContain(change.step);
    }
  });

  it("tells trainings, which know epochs and times, from plans", () => {
    const times = schedules().map(({ wallTime }) => wallTime !== null);
    expect(new Set(times)).toEqual(new Set([true, false]));
    for (const { epoch, wallTime } of schedules()) if (wallTime) expect(epoch).toHaveLength(wallTime.length);
  });

  it("lists the scalars that it sends", () => {
    const { run, tag, unit } = decodeScalar(json("scalar.json"));
    expect(decodeScalars(json("scalars.json"))).toContainEqual({ run, tag, unit });
  });

  it("offers recipes and carries one out, from the first step to the last", () => {
    const { recipes } = decodeRecipes(json("recipes.json"));
    const { name, steps, learningRates, code } = decodeBuiltRecipe(json("recipe.json"));
    expect(recipes.map((recipe) => recipe.name)).toContain(name);
    expect(steps[0]).toBe(0);
    expect(steps).toHaveLength(learningRates.length);
    expect(code).toContain("import keras");
  });

  it("gives every recipe one parameter that follows from the rate, and cyclical rates two", () => {
    for (const recipe of decodeRecipes(json("recipes.json")).recipes) {
      const rates = parameterFields(recipe, new Map()).filter(({ group }) => group === "rate");
      expect(rates.map(({ key }) => key).sort()).toEqual(RATE_KEYS.slice(0, recipe.use === "cyclical" ? 2 : 1));
    }
  });
});
