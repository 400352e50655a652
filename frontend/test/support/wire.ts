/** Builds answers of the server by hand, as `http_api.md` describes them. */

import { SHAPES } from "../../src/server/types";

/** The runs of most examples. */
export const A = "s1/digits/adam";
export const B = "s2/digits/sgd";

/** When it is in most examples, in milliseconds: all of their traces began before. */
export const NOW = 1_800_000_000_000;

export const manyIds = (count: number) => Array.from({ length: count }, (_, index) => `s/run-${index}`);

/** Values long enough for the chart to show all of them. */
export const DESCENT = [3, 2.8, 2.5, 2, 1.5, 1];

/** The columns of a training of two epochs, whose rate drops after the first. */
export const TRAINING = {
  step: [0, 1, 2, 3],
  learning_rate: [0.1, 0.1, 0.01, 0.01],
  epoch: [0.5, 1, 1.5, 2],
  wall_time: [100, 101, 102, 103],
};

export interface Row {
  readonly id: string;
  readonly values: readonly number[];
  /** What the values are; another one than the loss gets a loss of zeros beside it. */
  readonly column?: string;
  readonly mode?: string;
  /** The standard deviation at every row. */
  readonly spread?: number;
  /** What the server takes for the lowest value. */
  readonly lowest?: { readonly learning_rate: number; readonly value: number } | null;
  /** The rates between which the rows of a long trace are sent, and what stands in place of their moving average. */
  readonly thinned?: { readonly lower: number; readonly upper: number; readonly smoothed: number };
}

export function traceJson(id: string, fields: Record<string, unknown> = {}) {
  const found = Object.entries({ optimizer: "Adam", batch_size: 32, ...fields });
  const settings = found.filter(([name, value]) => ["optimizer", "batch_size"].includes(name) && value !== null);
  return {
    id,
    run: id.slice(id.indexOf("/") + 1),
    session: id.slice(0, id.indexOf("/")),
    kind: "range_test",
    is_sweep: true,
    driver: null,
    status: "finished",
    status_text: "All steps done.",
    stop_reason: "completed",
    values: ["loss"],
    monitor: "loss",
    method: null,
    total_steps: null,
    rows: 3,
    num_steps: 3,
    start_lr: 1e-7,
    end_lr: 10,
    optimizer: "Adam",
    batch_size: 32,
    framework: "keras",
    settings: Object.fromEntries(settings),
    note: null,
    tags: [],
    trials: [],
    probe: null,
    started: 1795213487.2,
    updated: 1795213490.9,
    ...fields,
  };
}

export const METHODS = [
  { name: "auto", label: "Recommended", description: "What we would take." },
  { name: "steepest", label: "Steepest", description: "Where the loss falls fastest." },
];

/** What the server offers for every run. */
export const OFFER = {
  methods: METHODS,
  uses: [
    { name: "constant", label: "Constant rate" },
    { name: "one_cycle", label: "1cycle peak" },
    { name: "cyclical", label: "Cyclical bounds" },
  ],
  shapes: SHAPES.map((name) => ({ name, label: `A ${name} one`, sentence: `So ${name}.` })),
  optimizers: ["Adam", "SGD"],
};

export const tracesJson = (...traces: object[]) => ({ version: "v", ...OFFER, traces, omitted: 0 });

export const USES = [
  { name: "constant", learning_rate: 0.0031, lower: null, reason: "It is steepest." },
  { name: "one_cycle", learning_rate: 0.0094, lower: null, reason: "Three times that." },
  { name: "cyclical", learning_rate: 0.0094, lower: 0.0012, reason: "Around that." },
];

export function suggestionJson(id: string, fields: Record<string, unknown> = {}) {
  return {
    id,
    learning_rate: 0.0031,
    lower: 0.0002,
    upper: 0.011,
    edge: 0.032,
    edge_ratio: 10.3,
    method: "auto",
    reason: "It is steepest.",
    confidence: { word: "sure", probability: 0.966, doubt: "" },
    uses: USES,
    shape: { name: "good", sentence: "It falls and turns." },
    advice: "",
    ...fields,
  };
}

/** A probe after so many steps of two an epoch, one step a second, as those of `TRAINING` are. */
export function probeJson(id: string, step: number, fields: Record<string, unknown> = {}) {
  return {
    id,
    run: id.slice(id.indexOf("/") + 1),
    step,
    epoch: step / 2,
    wall_time: 100 + step,
    learning_rate: 0.1,
    suggestion: 0.05,
    lower: 0.01,
    upper: 0.2,
    edge: 0.4,
    confidence: "likely",
    steps: 100,
    seconds: 0.8,
    left_out: 0,
    status: "finished",
    reason: "It is steepest.",
    ...fields,
  };
}

/** A training that was made at twice the rate that a test suggests. */
export function pairJson(training: string, test: string) {
  const nameOf = (id: string) => id.slice(id.indexOf("/") + 1);
  return {
    training,
    test,
    training_run: nameOf(training),
    test_run: nameOf(test),
    trained_at: 0.1,
    suggested: 0.05,
    ratio: 2,
    because: "same",
    sentence: "Trained at 0.1, suggested 0.05: 2 times as high.",
  };
}

/** The container, with rates of 1e-3, 1e-2, … and steps from 0. */
export function container(rows: readonly Row[]): ArrayBuffer {
  let offset = 0;
  const columns: number[] = [];
  const traces = rows.map(({ id, values, column = "loss", mode = "min", spread, lowest = null, thinned }) => {
    const rateOf = (step: number) => 10 ** (step - 3);
    const { lower, upper, smoothed } = thinned ?? { lower: 0, upper: Number.POSITIVE_INFINITY };
    const steps = [...values.keys()].filter((step) => rateOf(step) >= lower && rateOf(step) <= upper);
    const table = new Map([
      ["step", steps],
      ["learning_rate", steps.map(rateOf)],
      ["loss", steps.map(() => 0)],
      [column, steps.map((step) => values[step]!)],
    ]);
    if (spread !== undefined)
      table.set(
        `${column}_std`,
        steps.map(() => spread),
      );
    if (smoothed !== undefined)
      table.set(
        "smoothed",
        steps.map(() => smoothed),
      );
    const names = [...table].map(([name, cells]) => {
      columns.push(...cells);
      offset += 8 * cells.length;
      return { name, offset: offset - 8 * cells.length };
    });
    const header = { id, rows: steps.length, column, mode, total: values.length, whole: !thinned };
    return { ...header, lowest, spread: spread === undefined ? null : `${column}_std`, columns: names };
  });
  return pack({ traces }, columns);
}

/** The container of slopes: at rates of 1e-3, 1e-2, … */
export function slopeContainer(rows: readonly Row[]): ArrayBuffer {
  const values: number[] = [];
  const traces = rows.map(({ id, values: slopes, column = "loss", mode = "min" }) => {
    values.push(...slopes.map((_, row) => 10 ** (row - 3)), ...slopes);
    const start = 8 * (values.length - 2 * slopes.length);
    const columns = [
      { name: "learning_rate", offset: start },
      { name: "slope", offset: start + 8 * slopes.length },
    ];
    return { id, rows: slopes.length, column, mode, columns };
  });
  return pack({ traces }, values);
}

/** The columns of a schedule, all of one length, and its rate changes. */
export interface ScheduleRow {
  readonly id: string;
  readonly columns: Readonly<Record<string, readonly number[]>>;
  readonly changes?: readonly { readonly step: number; readonly text: string }[];
}

export function scheduleContainer(rows: readonly ScheduleRow[]): ArrayBuffer {
  const values: number[] = [];
  const traces = rows.map(({ id, columns, changes = [] }) => {
    const places = Object.entries(columns).map(([name, column]) => {
      values.push(...column);
      return { name, offset: 8 * (values.length - column.length) };
    });
    return { id, rows: columns.step?.length ?? 0, columns: places, rate_changes: changes };
  });
  return pack({ traces }, values);
}

/** As the server does it: what it was not asked for follows from what it was. */
export const basisJson = (total_steps = 1234, learning_rate = 0.0045, lower = learning_rate / 8) => ({
  total_steps,
  learning_rate,
  lower,
});

/** The defaults follow from the rates. */
export const recipesJson = (rate = 0.0031, lower = rate / 8) => [
  {
    name: "constant",
    label: "Constant",
    description: "The same rate at every step.",
    use: "constant",
    fine_tuning: "A tenth for the pretrained layers.",
    parameters: [numberJson("learning_rate", "Rate", rate, "learning_rate")],
  },
  {
    name: "one_cycle",
    label: "1cycle",
    description: "Up and down.",
    use: "one_cycle",
    fine_tuning: "A tenth for the pretrained layers.",
    parameters: [
      numberJson("peak_learning_rate", "Peak rate", rate, "learning_rate"),
      numberJson("warmup_share", "Warm-up, share of the steps", 0.3),
      {
        name: "shape",
        label: "Shape",
        help: "What shape does.",
        kind: "choice",
        default: "cosine",
        origin: null,
        choices: ["cosine", "linear"],
      },
    ],
  },
  {
    name: "cyclical",
    label: "Cyclical",
    description: "Between two rates.",
    use: "cyclical",
    fine_tuning: "A tenth for the pretrained layers.",
    parameters: [
      numberJson("initial_learning_rate", "Lower rate", lower, "lower"),
      numberJson("max_learning_rate", "Upper rate", rate, "learning_rate"),
      numberJson("end_learning_rate", "Last rate", 0.0031),
    ],
  },
];

function numberJson(name: string, label: string, value: number, origin: string | null = null) {
  return { name, label, help: `What ${name} does.`, kind: "number", default: value, origin, choices: null };
}

export function pack(directory: unknown, values: readonly number[]): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(directory));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + 8 * values.length).fill(0x20);
  bytes.set(new TextEncoder().encode("LRF1"));
  new DataView(bytes.buffer).setUint32(4, length, true);
  bytes.set(json, 8);
  new Float64Array(bytes.buffer, 8 + length).set(values);
  return bytes.buffer;
}
