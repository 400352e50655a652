/** Whatever the server answers: typed values, or words; never another error, and good traces stay. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { Malformed } from "../../src/base/decoder";
import * as decode from "../../src/server/decode";
import {
  basisJson,
  container,
  pairJson,
  probeJson,
  recipesJson,
  scheduleContainer,
  slopeContainer,
  suggestionJson,
  TRAINING,
  traceJson,
  tracesJson,
} from "../support/wire";
import { effort } from "./effort";

const GOOD = "s/good";
const json = fc.jsonValue({ maxDepth: 3 });
const odd = fc.oneof(
  json,
  fc.constantFrom<unknown>(-1, 0.5, 1e300, Number.POSITIVE_INFINITY, "", "\0", "\ud800", "x".repeat(5_000), null, []),
);

/** The value with some of its fields, at any depth, replaced or left out. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== "object" || value === null) return fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, odd);
  const entries = Object.entries(value).map(([key, field]) =>
    fc.tuple(fc.constant(key), mutated(field), fc.integer({ min: 0, max: 30 })),
  );
  return fc.tuple(fc.tuple(...entries), fc.integer({ min: 0, max: 20 }), odd).map(([fields, luck, other]) => {
    if (luck === 0) return other;
    const kept = fields.filter(([, , chance]) => chance > 0);
    return Array.isArray(value)
      ? kept.map(([, field]) => field)
      : Object.fromEntries(kept.map(([key, field]) => [key, field]));
  });
}

function survives(attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(Malformed);
    expect((error as Error).message.length).toBeLessThan(400);
  }
}

it("a good trace stays beside any others, each with an id of its own", () => {
  const others = fc.array(
    fc.oneof(odd, mutated(traceJson("s/bad", { trials: [{ learning_rate: 1, steps: 1, value: 1 }] }))),
  );
  fc.assert(
    fc.property(others, others, (before, after) => {
      const good = traceJson(GOOD);
      const { traces } = decode.decodeTraces({ ...tracesJson(), traces: [...before, good, ...after] });
      expect(traces).toHaveLength(before.length + after.length + 1);
      expect(traces[before.length]).toMatchObject({ id: GOOD, status: "finished", rows: 3 });
      expect(new Set(traces.map(({ id }) => id)).size).toBe(traces.length);
      for (const { run, statusText, started } of traces) {
        expect(run.isWellFormed() && statusText.length <= 2_100).toBe(true);
        expect(new Date(started * 1000).toISOString()).toBeTypeOf("string");
      }
    }),
    effort(300),
  );
});

it("a good suggestion stays beside any others", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(odd, mutated(suggestionJson("s/bad")))), (others) => {
      const found = decode.decodeSuggestions({ suggestions: [...others, suggestionJson(GOOD)] });
      expect(found.at(-1)).toMatchObject({ id: GOOD, learningRate: 0.0031 });
    }),
    effort(300),
  );
});

const ANSWERS: readonly (readonly [string, (value: unknown) => unknown, unknown])[] = [
  ["traces", decode.decodeTraces, tracesJson(traceJson("s/a"))],
  ["versions", decode.decodeVersion, { version: "v" }],
  ["suggestions", decode.decodeSuggestions, { suggestions: [suggestionJson("s/a")] }],
  [
    "probes",
    decode.decodeProbes,
    { probes: [{ id: "s/a", points: [probeJson("p/a", 1)], sentences: [""], error: null }] },
  ],
  ["pairs", decode.decodePairs, { pairs: [{ id: "s/a", pairs: [pairJson("s/a", "t/b")], error: null }] }],
  ["scalars", decode.decodeScalars, { scalars: [{ run: "a", tag: "b", unit: "step" }] }],
  ["scalar", decode.decodeScalar, { run: "a", tag: "b", unit: "step", steps: [1], wall_times: [1], values: [null] }],
  ["recipes", decode.decodeRecipes, { basis: basisJson(), recipes: recipesJson() }],
  [
    "recipe",
    decode.decodeBuiltRecipe,
    {
      ...{ name: "a", label: "b", steps: [0, 1], learning_rates: [1, 2], framework: "keras", code: "" },
      margin: { sentence: "c", is_above: true },
    },
  ],
];

it.each(ANSWERS)("%s of any content are decoded or refused in words", (_, decoder, good) => {
  fc.assert(
    fc.property(fc.oneof(mutated(good), json), (value) => survives(() => decoder(value))),
    effort(300),
  );
});

const CONTAINERS = [
  [
    "curves",
    decode.decodeCurves,
    container([
      { id: "s/a", values: [3, 2, 1] },
      { id: GOOD, values: [3, 2] },
    ]),
  ],
  ["slopes", decode.decodeSlopes, slopeContainer([{ id: "s/a", values: [3, 2, 1] }])],
  ["schedules", decode.decodeSchedules, scheduleContainer([{ id: "s/a", columns: TRAINING }])],
] as const;

it.each(CONTAINERS)("%s with any bytes changed or cut off are decoded or refused in words", (_, decoder, good) => {
  const changes = fc.array(fc.tuple(fc.nat(good.byteLength - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(changes, fc.nat(good.byteLength), (changes, length) => {
      const bytes = new Uint8Array(good.slice(0));
      for (const [at, byte] of changes) bytes[at] = byte;
      survives(() => decoder(bytes.buffer));
      survives(() => decoder(bytes.buffer.slice(0, length)));
    }),
    effort(1_000),
  );
});
