import { describe, expect, it } from "vitest";
import { sorted } from "../../src/finder/comparison";
import type { SweepRun } from "../../src/finder/sweeps";
import { columnsOf, factOf, lowestName, titlesOf } from "../../src/finder/table";
import { wordsApart } from "../../src/runs/run";
import type { Curve, Trace } from "../../src/server/types";
import { sweepRun, trace } from "../support/builders";

/** A run of which nothing is known but its name. */
const bare = (name: string, fields: Partial<Trace> = {}) =>
  trace(`s/${name}`, { optimizer: null, batchSize: null, settings: {}, ...fields });

function curve(values: readonly number[], fields: Partial<Curve> = {}): Curve {
  const step = Float64Array.from(values.keys());
  return {
    id: "s/a",
    step,
    learningRate: step.map((index) => 10 ** (index - 3)),
    values: Float64Array.from(values),
    column: "loss",
    mode: "min",
    total: values.length,
    isWhole: true,
    smoothed: null,
    spread: null,
    lowest: null,
    ...fields,
  };
}

function run(name: string, rate: number | null, fields: Partial<SweepRun> = {}): SweepRun {
  const use = rate === null ? null : { name: "constant" as const, learningRate: rate, lower: null, reason: "" };
  return sweepRun(bare(name), { use, ...fields });
}

const names = (runs: readonly SweepRun[]) => runs.map(({ label }) => label);

describe("the order of the table", () => {
  const runs = [run("b", 2e-3), run("none", null), run("a", 1e-1), run("c", 5e-4)];

  it("is that of the list unless a column is chosen", () => {
    expect(sorted(runs, "")).toBe(runs);
  });

  it("goes by value, and puts what is missing last both ways", () => {
    expect(names(sorted(runs, "rate"))).toEqual(["c", "b", "a", "none"]);
    expect(names(sorted(runs, "-rate"))).toEqual(["a", "b", "c", "none"]);
  });

  it("counts in names, and takes the better confidence for the higher", () => {
    const [ten, two] = [run("run-10", null), run("run-2", null)];
    expect(names(sorted([ten, two], "run"))).toEqual(["run-2", "run-10"]);
    const graded = (["doubtful", "sure", "likely"] as const).map((word) =>
      run(word, null, { suggestion: { confidence: { word } } as SweepRun["suggestion"] }),
    );
    expect(names(sorted(graded, "-confidence"))).toEqual(["sure", "likely", "doubtful"]);
  });

  it("keeps runs that are equal in their order", () => {
    const equal = [run("x", 1), run("y", 1), run("z", 1)];
    expect(names(sorted(equal, "-rate"))).toEqual(["x", "y", "z"]);
  });
});

describe("the facts of a run", () => {
  it("are the lowest value and its rate as the server reads them, of whatever is drawn", () => {
    const facts = (lowest: Curve["lowest"]) =>
      (["lowest", "at"] as const).map((column) =>
        factOf(run("a", null, { curve: curve([3, 2, 9], { lowest }) }), column),
      );
    expect(facts({ learningRate: 0.0213, value: 2.1234 })).toMatchObject([
      { value: 2.1234, text: "2.12" },
      { value: 0.0213, text: "0.0213" },
    ]);
    expect(facts(null)).toEqual([null, null]);
  });

  it("name the lowest value after what the runs show", () => {
    const loss = run("a", null, { curve: curve([1]) });
    const accuracy = run("b", null, { curve: curve([1], { column: "accuracy", mode: "max" }) });
    expect([[loss], [accuracy], [loss, accuracy], []].map(lowestName)).toEqual([
      "Lowest loss, smoothed",
      "Highest accuracy, smoothed",
      "Best value",
      "Best value",
    ]);
  });

  it("are the blow-up edge and how far above the suggestion it lies, in the order of the rates", () => {
    const broken = (name: string, edge: number | null, edgeRatio: number | null = null) =>
      run(name, null, { suggestion: { edge, edgeRatio } as SweepRun["suggestion"] });
    const runs = [broken("near", 0.1, 2.128), broken("far", 0.032, 12), broken("alone", 1.5e-4), broken("none", null)];
    expect(runs.map((one) => factOf(one, "edge")?.text)).toEqual(["0.1 (2.1×)", "0.032 (12×)", "0.00015", undefined]);
    expect(factOf(runs[0]!, "edge")!.exact).toBe("0.1");
    expect(names(sorted(runs, "edge"))).toEqual(["alone", "far", "near", "none"]);
    expect(columnsOf(runs)).toContain("edge");
  });

  it("are the methods only where they differ: the toolbar has the one of all", () => {
    const by = (method: string | null) => run(`${method}`, null, { method });
    expect(columnsOf([by("Recommended"), by("Recommended"), by(null)])).not.toContain("method");
    expect(columnsOf([by("Recommended"), by("Valley")])).toContain("method");
  });

  it("say how it ended in a word, or how it stands", () => {
    const ended = (fields: Partial<Trace>) => factOf(run("a", null, { trace: bare("a", fields) }), "ended")!;
    expect(ended({ stopReason: "non_finite", statusText: "Stopped at step 3: the loss rose." })).toMatchObject({
      text: "non finite",
      exact: "Stopped at step 3: the loss rose.",
    });
    expect(ended({ stopReason: "", status: "running" }).text).toBe("running");
  });

  it("count the steps of trainings, not their rows", () => {
    const training = bare("a", { kind: "training", rows: 3 });
    const steps = Float64Array.of(0, 40, 99);
    const thinned = run("a", null, { trace: training, curve: curve([3, 2, 1], { step: steps }) });
    expect(factOf(thinned, "steps")!.value).toBe(100);
    expect(factOf(run("a", null), "steps")!.value).toBe(3);
  });

  it("leave out columns that hold nothing for any run, but never the rate", () => {
    expect(columnsOf([run("a", null)])).toEqual(["run", "rate", "ended", "steps", "started"]);
    const known = run("b", 0.1, { method: "Valley" });
    expect(columnsOf([run("a", null), known])).toEqual(["run", "rate", "ended", "steps", "started"]);
  });

  it("are the settings where they differ, people's own first", () => {
    const set = (settings: Trace["settings"]) => run("a", null, { trace: bare("a", { settings }) });
    const runs = [
      set({ depth: 2, optimizer: "Adam", batch_size: 8 }),
      set({ optimizer: "SGD", batch_size: 8 }),
      set({ depth: 3 }),
    ];
    expect(columnsOf(runs).slice(0, 3)).toEqual(["run", "settings.depth", "settings.optimizer"]);
    expect(factOf(runs[1]!, "settings.depth")).toBeNull();
    expect(factOf(runs[0]!, "settings.depth")).toEqual({ value: 2, text: "2", exact: "2" });
    expect([...titlesOf(columnsOf(runs), { lowest: "", use: "" }).values()].slice(0, 3)).toEqual([
      "Run",
      "depth",
      "Optimizer",
    ]);
  });

  it.each(["damaged", "unsupported"] as const)("know no start of what is %s", (status) => {
    const unread = run("a", null, { trace: bare("a", { status }) });
    expect(factOf(unread, "started")).toBeNull();
    expect([...wordsApart([unread.trace, bare("a", { id: "s2/a" })]).keys()]).toEqual(["s2/a"]);
  });
});
