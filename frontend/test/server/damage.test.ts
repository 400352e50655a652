/** What is malformed in an answer takes nothing else with it. */

import { describe, expect, it } from "vitest";
import {
  decodeCurves,
  decodeScalars,
  decodeSchedules,
  decodeSlopes,
  decodeSuggestions,
  decodeTraces,
} from "../../src/server/decode";
import {
  A,
  B,
  container,
  pack,
  scheduleContainer,
  slopeContainer,
  suggestionJson,
  TRAINING,
  traceJson,
  tracesJson,
} from "../support/wire";

const decoded = (...traces: unknown[]) => decodeTraces({ ...tracesJson(), traces }).traces;
const HUGE = "x".repeat(100_000);

describe("a malformed trace", () => {
  const trial = (fields: object) => ({ trials: [{ learning_rate: 0.1, steps: 9, value: 1, ...fields }] });
  it.each([
    ["a status of its own", { status: "asleep" }, 'status must be one of running, .* Received: "asleep"'],
    ["half a row", { rows: 1.5 }, "rows must be a whole number"],
    ["negative steps", { num_steps: -1 }, "num_steps must be a whole number"],
    ["a batch size as text", { batch_size: "32" }, 'batch_size must be a number. Received: "32"'],
    ["a driver that is a number", { driver: 5 }, "driver must be text"],
    ["an infinite time", { started: Number.POSITIVE_INFINITY }, "started must be a time"],
    ["a time that no calendar has", { updated: 1e300 }, "updated must be a time"],
    ["no driver", { driver: undefined }, "driver must be text"],
    ["a sweep that is neither", { is_sweep: undefined }, "is_sweep must be true or false"],
    ["a run that is null", { run: null }, "run must be text. Received: null", "(unnamed)"],
    ["a rate as text", { start_lr: "NaN" }, "start_lr must be a number"],
    ["no trials", { trials: undefined }, "trials must be an array"],
    ["a trial without a rate", trial({ learning_rate: null }), "trials\\[0].learning_rate must be a number"],
    ["a trial below zero", trial({ learning_rate: -1 }), "trials\\[0].learning_rate must be a number above 0"],
    ["a trial without steps", trial({ steps: undefined }), "trials\\[0].steps must be a whole number"],
    ["a trial without a value", trial({ value: undefined }), "trials\\[0].value must be a number"],
  ])("with %s becomes a damaged one, in words, beside the good ones", (_, fields, sentence, run = "digits/sgd") => {
    const traces = decoded(traceJson(A), { ...traceJson(B), ...fields }, traceJson("s3/last"));
    expect(traces.map(({ id, status }) => [id, status])).toEqual([
      [A, "finished"],
      [B, "damaged"],
      ["s3/last", "finished"],
    ]);
    expect(traces[1]).toMatchObject({ run, rows: 0, isSweep: true });
    expect(traces[1]!.statusText).toMatch(new RegExp(`^TensorBoard's answer about this run is malformed: ${sentence}`));
  });

  it.each([null, 5, "trace", [], {}, { id: 5, run: [] }, { id: "" }])("without a name, %j, gets one", (value) => {
    const traces = decoded(traceJson(A), value, value);
    expect(traces.slice(1).map(({ run, status }) => [run, status])).toEqual(Array(2).fill(["(unnamed)", "damaged"]));
    expect(new Set(traces.map(({ id }) => id)).size).toBe(3);
  });

  it("does not take the id of another one", () => {
    const [unnamed] = decoded(null);
    const traces = decoded(null, traceJson(unnamed!.id));
    expect(traces[1]).toMatchObject({ id: unnamed!.id, status: "finished" });
    expect(traces[0]!.id).not.toBe(unnamed!.id);
  });

  it("is one that is listed twice", () => {
    const [first, second] = decoded(traceJson(A), traceJson(A, { run: "other" }));
    expect(first).toMatchObject({ id: A, status: "finished" });
    expect(second).toMatchObject({ run: "other", status: "damaged", statusText: expect.stringContaining("twice") });
    expect(second!.id).not.toBe(A);
  });

  it("of a training stays in the view of schedules", () => {
    const [trace] = decoded({ ...traceJson(A), kind: "training", is_sweep: false, rows: "many" });
    expect(trace).toMatchObject({ kind: "training", isSweep: false });
  });

  it("takes no longer to tell from others among ten thousand than among a thousand", () => {
    const listed = (count: number) =>
      Array.from({ length: count }, (_, index) => traceJson(`s/${index}`, { rows: index % 2 ? 3 : "3" }));
    const secondsEach = (count: number) => {
      const many = listed(count);
      const taken = Array.from({ length: 5 }, () => {
        const start = performance.now();
        expect(decoded(...many).filter(({ status }) => status === "damaged")).toHaveLength(count / 2);
        return performance.now() - start;
      });
      return Math.min(...taken) / count;
    };
    // What compares every trace with every other takes ten times as long for each.
    expect(secondsEach(10_000) / secondsEach(1_000)).toBeLessThan(5);
  });
});

describe("texts", () => {
  it("are cut where nobody would read on", () => {
    const [trace] = decoded(traceJson(A, { run: HUGE, status_text: HUGE, optimizer: HUGE }));
    for (const text of [trace!.run, trace!.statusText, trace!.optimizer!]) {
      expect(text.length).toBeLessThanOrEqual(2_000);
      expect(text).toMatch(/^x+…$/);
    }
  });

  it("keep their letters whole where they are cut", () => {
    const [trace] = decoded(traceJson(A, { run: `a${"😀".repeat(10_000)}` }));
    expect(trace!.run.isWellFormed()).toBe(true);
  });

  it("show where they have characters without a width", () => {
    const [trace] = decoded(traceJson(A, { run: "\u200b\u2060\ufeff", status_text: "👩\u200d🔬" }));
    expect(trace).toMatchObject({ run: "\ufffd\ufffd\ufffd", statusText: "👩\u200d🔬" });
  });

  it("have no characters that a picture or an address cannot hold", () => {
    const [trace] = decoded(traceJson(A, { run: "a\0b\ud800c\u001b[1m", status_text: "one\ntwo\u0007\u202e" }));
    expect(trace).toMatchObject({ run: "a\ufffdb\ufffdc\ufffd[1m", statusText: "one\ntwo\ufffd\ufffd" });
  });
});

describe("a malformed entry", () => {
  /** The container with a change in the directory. */
  function edited(buffer: ArrayBuffer, edit: (traces: Record<string, unknown>[]) => unknown): ArrayBuffer {
    const length = new DataView(buffer).getUint32(4, true);
    const directory = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
    edit(directory.traces);
    return pack(directory, [...new Float64Array(buffer, 8 + length)]);
  }
  const curves = () => container([A, B].map((id) => ({ id, values: [3, 2, 1] })));

  it.each([
    ["of curves", decodeCurves, curves()],
    ["of slopes", decodeSlopes, slopeContainer([A, B].map((id) => ({ id, values: [3, 2, 1] })))],
    ["of schedules", decodeSchedules, scheduleContainer([A, B].map((id) => ({ id, columns: TRAINING })))],
  ])("%s is unreadable, in words, beside a good one", (_, decode, buffer) => {
    const answer = decode(edited(buffer, ([first]) => Object.assign(first!, { columns: [] })));
    expect(answer[0]).toEqual({ id: A, error: expect.stringMatching(/^TensorBoard's answer about this run is/) });
    expect(answer[1]).toMatchObject({ id: B, learningRate: expect.any(Float64Array) });
  });

  it("without a name is left out", () => {
    expect(decodeCurves(edited(curves(), (traces) => traces.unshift({ rows: 5 }))).map(({ id }) => id)).toEqual([A, B]);
  });

  it("of rate changes is left out", () => {
    const changes = [
      { step: 1, text: "Down." },
      { step: -1, text: "" },
      { step: 0.5, text: "" },
      { step: 3 },
      null,
    ] as never;
    const [schedule] = decodeSchedules(scheduleContainer([{ id: A, columns: TRAINING, changes }]));
    expect(schedule).toMatchObject({ rateChanges: [{ step: 1, text: "Down." }] });
  });

  it("of suggestions is unreadable, in words, beside a good one", () => {
    const suggestions = [suggestionJson(A, { confidence: "high" }), null, suggestionJson(B)];
    const answer = decodeSuggestions({ suggestions });
    expect(answer).toEqual([
      { id: A, error: expect.stringContaining("confidence must be an object") },
      expect.objectContaining({ id: B, learningRate: 0.0031 }),
    ]);
  });

  it("of scalars is left out", () => {
    const good = { run: "a", tag: "loss", unit: "step" };
    expect(decodeScalars({ scalars: [{ ...good, unit: "batch" }, good, 7] })).toEqual([good]);
  });
});
