import { describe, expect, it } from "vitest";
import { decodeCurves, decodeSchedules, decodeSlopes } from "../../src/server/decode";
import { sound } from "../support/sound";
import { container, pack, scheduleContainer } from "../support/wire";

const ENTRY = {
  id: "s/a",
  rows: 1,
  column: "loss",
  mode: "min",
  total: 1,
  whole: true,
  spread: null,
  lowest: null,
  columns: [{ name: "loss", offset: 0 }],
};

/** Columns of one row. */
const columnsOf = (...names: string[]) => names.map((name, index) => ({ name, offset: 8 * index }));

function notJson(): ArrayBuffer {
  const buffer = pack({}, []);
  new Uint8Array(buffer).fill(0x7b, 8);
  return buffer;
}

describe("decodeCurves", () => {
  it("reads the columns bit for bit", () => {
    const losses = [0.1 + 0.2, Number.NaN, Number.NEGATIVE_INFINITY];
    const [first, second] = decodeCurves(
      container([
        { id: "s/a", values: [1] },
        { id: "s/b", values: losses },
      ]),
    );
    expect(first).toMatchObject({ id: "s/a", values: Float64Array.from([1]) });
    expect(second).toEqual({
      id: "s/b",
      column: "loss",
      mode: "min",
      total: 3,
      isWhole: true,
      step: Float64Array.from([0, 1, 2]),
      learningRate: Float64Array.from([1e-3, 1e-2, 1e-1]),
      values: Float64Array.from(losses),
      lowest: null,
      smoothed: null,
      spread: null,
    });
  });

  it("finds columns by name, whatever their order and company", () => {
    const columns = columnsOf("lr_max", "loss", "learning_rate", "step");
    const [curve] = decodeCurves(pack({ traces: [{ ...ENTRY, columns }] }, [9, 2, 0.1, 0]));
    expect(curve).toMatchObject({
      step: Float64Array.of(0),
      learningRate: Float64Array.of(0.1),
      values: Float64Array.of(2),
    });
  });

  it("takes the column that is named for the values, not the loss", () => {
    const [curve] = decodeCurves(container([{ id: "s/a", values: [0.1, 0.9], column: "accuracy", mode: "max" }]));
    expect(curve).toMatchObject({ column: "accuracy", mode: "max", values: Float64Array.of(0.1, 0.9) });
  });

  it("takes the moving average of a thinned curve, and the column that is named for the spread of its values", () => {
    const columns = columnsOf("step", "learning_rate", "loss", "loss_std", "smoothed");
    const all = [...columns, { name: "accuracy", offset: 0 }, { name: "accuracy_std", offset: 8 }];
    const thinned = { ...ENTRY, columns: all, total: 100_000, whole: false, spread: "loss_std" };
    const accuracy = { ...thinned, column: "accuracy", whole: true, spread: null };
    const [curve, other] = decodeCurves(pack({ traces: [thinned, accuracy] }, [0, 0.1, 2, 0.5, 1.9]));
    const [smoothed, spread] = [Float64Array.of(1.9), Float64Array.of(0.5)];
    expect(curve).toMatchObject({ isWhole: false, total: 100_000, smoothed, spread });
    expect(other).toMatchObject({ isWhole: true, smoothed: null, spread: null });
    const without = pack({ traces: [{ ...thinned, columns: columns.slice(0, -1) }] }, [0, 0.1, 2, 0.5]);
    expect(() => sound(decodeCurves(without))).toThrow('columns must be a list with "smoothed"');
  });

  it("reads a trace without rows, which may lack columns too", () => {
    const bare = decodeCurves(pack({ traces: [{ ...ENTRY, rows: 0, columns: [] }] }, []));
    expect(bare[0]).toMatchObject({ step: new Float64Array(), values: new Float64Array() });
    expect(decodeCurves(container([{ id: "s/a", values: [] }]))[0]).toMatchObject({ values: new Float64Array() });
  });

  it("keeps an error beside the traces that can be read", () => {
    const traces = [{ id: "s/a", error: "Its header is damaged." }];
    expect(decodeCurves(pack({ traces }, []))).toEqual([{ id: "s/a", error: "Its header is damaged." }]);
  });

  const names = ["step", "learning_rate", "loss"].map((name) => ({ name, offset: 0 }));
  const unmeasured = pack({ traces: [{ ...ENTRY, column: "val_loss", columns: names }] }, [1]);
  it.each([
    ["an empty answer", new ArrayBuffer(0), /at least 8 bytes/],
    ["a page instead", new TextEncoder().encode("<!DOCTYPE html>").buffer, /the letters LRF1/],
    ["a directory longer than the answer", container([{ id: "s/a", values: [1] }]).slice(0, 40), /fits the answer/],
    ["columns that are cut off", container([{ id: "s/a", values: [1, 2] }]).slice(0, -8), /column "loss" must be/],
    ["a missing column", pack({ traces: [ENTRY] }, [1]), /columns must be a list with "step"/],
    ["a column that is none", unmeasured, /must be a list with "val_loss"\. Received: \["step","learning_rate"/],
    ["no column", pack({ traces: [{ ...ENTRY, column: undefined }] }, [1]), /column must be text/],
    ["no total", pack({ traces: [{ ...ENTRY, total: null }] }, [1]), /total must be a whole number/],
    ["rows that may be all", pack({ traces: [{ ...ENTRY, whole: undefined }] }, [1]), /whole must be true or false/],
    [
      "a spread that is no column",
      pack({ traces: [{ ...ENTRY, columns: names, spread: "std" }] }, [1]),
      /list with "std"/,
    ],
    ["no lowest", pack({ traces: [{ ...ENTRY, lowest: undefined }] }, [1]), /lowest must be an object/],
    ["a mode of its own", pack({ traces: [{ ...ENTRY, mode: "auto" }] }, [1]), /mode must be one of min, max/],
    ["a directory that is not one", pack([], []), /must be an object/],
    ["a directory that is not JSON", notJson(), /must be JSON/],
  ])("says in words what is wrong with %s", (_, buffer, sentence) => {
    expect(() => sound(decodeCurves(buffer as ArrayBuffer))).toThrow(sentence);
  });
});

describe("decodeSlopes", () => {
  const columns = columnsOf("learning_rate", "slope");
  const entry = { id: "s/a", rows: 1, column: "loss", mode: "min", columns };

  it("reads the slope at each rate, beside what cannot be read", () => {
    const unreadable = { id: "s/b", error: "Its header is damaged." };
    expect(decodeSlopes(pack({ traces: [entry, unreadable] }, [0.1, -2]))).toEqual([
      { id: "s/a", column: "loss", mode: "min", learningRate: Float64Array.of(0.1), values: Float64Array.of(-2) },
      unreadable,
    ]);
  });

  it.each([
    ["no slope", { columns: columns.slice(0, 1) }, 'columns must be a list with "slope"'],
    ["no column", { column: undefined }, "column must be text"],
    ["a mode of its own", { mode: "auto" }, "mode must be one of min, max"],
  ])("says in words what is wrong with %s", (_, fields, sentence) => {
    expect(() => sound(decodeSlopes(pack({ traces: [{ ...entry, ...fields }] }, [0.1, -2])))).toThrow(sentence);
  });
});

describe("decodeSchedules", () => {
  const CHANGES = [{ step: 1, text: "Peak: 0.2 at step 1" }];
  const [step, rate] = [
    [0, 1, 2],
    [0.1, 0.2, 0.1],
  ];

  it("reads rates and their changes, and what a training knows beyond them", () => {
    const columns = { step, loss: [3, 2, 1], learning_rate: rate, epoch: [0.5, 1, 1.5], wall_time: [7, 8, 9] };
    const [schedule] = decodeSchedules(scheduleContainer([{ id: "s/a", columns, changes: CHANGES }]));
    expect(schedule).toEqual({
      id: "s/a",
      step: Float64Array.from(step),
      learningRate: Float64Array.from(rate),
      epoch: Float64Array.of(0.5, 1, 1.5),
      wallTime: Float64Array.of(7, 8, 9),
      rateChanges: CHANGES,
    });
  });

  it("reads a plan, which has no time and may have no epochs", () => {
    const [plan] = decodeSchedules(scheduleContainer([{ id: "p/a", columns: { step, learning_rate: rate } }]));
    expect(plan).toMatchObject({ epoch: null, wallTime: null, rateChanges: [] });
  });

  it("keeps an error beside those that can be read", () => {
    const traces = [{ id: "s/a", error: "Its header is damaged." }];
    expect(decodeSchedules(pack({ traces }, []))).toEqual(traces);
  });

  const entry = (fields: object) =>
    pack({ traces: [{ id: "s/a", rows: 0, columns: [], rate_changes: CHANGES, ...fields }] }, []);
  it.each([
    ["a missing column", entry({ rows: 1 }), /columns must be a list with "step"/],
    ["no rate changes", entry({ rate_changes: undefined }), /rate_changes must be an array/],
    ["no container", new ArrayBuffer(0), /schedules must be at least 8 bytes/],
  ])("says in words what is wrong with %s", (_, buffer, sentence) => {
    expect(() => sound(decodeSchedules(buffer))).toThrow(sentence);
  });
});
