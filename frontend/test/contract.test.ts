/** The wire format as the Python side writes it: a change there fails here. */

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeCurves, decodeSuggestions, decodeTraces } from "../src/api/decode";
import { smooth } from "../src/lib/smoothing";
import type { Curve } from "../src/model/types";

type Columns = Record<"learning_rate" | "values" | "smoothed_0.6", (number | null)[]>;
type Expected = Record<string, Columns & { monitor: string; mode: string }>;

const FOLDER = new URL("../fixtures/", import.meta.url);

function read(name: string): Buffer {
  const file = new URL(name, FOLDER);
  if (!existsSync(file))
    throw new Error(`The fixtures of the Python side are missing (${name}): run \`make fixtures\`.`);
  return readFileSync(file);
}

const json = (name: string): unknown => JSON.parse(read(name).toString());

function curves(): Map<string, Curve> {
  const bytes = Uint8Array.from(read("curves.bin"));
  const readable = decodeCurves(bytes.buffer).filter((entry): entry is Curve => !("error" in entry));
  return new Map(readable.map((curve) => [curve.id, curve]));
}

/** Non-finite values are null in the expectation. */
const finite = (values: Float64Array) => [...values].map((value) => (Number.isFinite(value) ? value : null));

describe("what Python writes", () => {
  it("decodes to the recorded values, bit for bit", () => {
    const expected = Object.entries(json("expected.json") as Expected);
    expect(expected.length).toBeGreaterThan(0);
    for (const [id, columns] of expected) {
      const curve = curves().get(id)!;
      expect(curve).toMatchObject({ monitor: columns.monitor, mode: columns.mode });
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
    const { traces, methods } = decodeTraces(json("traces.json"));
    expect(methods.length).toBeGreaterThan(0);
    for (const [id, curve] of curves()) {
      const rows = traces.find((trace) => trace.id === id)?.rows;
      expect(rows).toBeDefined();
      if (curve.monitor === "loss") expect(curve.values.length).toBe(rows);
      else expect(curve.values.length).toBeLessThan(rows!);
    }
  });

  it("suggests rates inside of the sweep", () => {
    for (const { id, learningRate, reason, uses } of decodeSuggestions(json("suggestions.json"))) {
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
