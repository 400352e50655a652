// @vitest-environment happy-dom

/** Whatever an address, a table or an axis is given. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { formatCsv } from "../../src/base/csv";
import { firstRowFrom } from "../../src/base/search";
import {
  EPOCH_AXIS,
  horizontalTicks,
  RELATIVE_AXIS,
  rateAxis,
  STEP_AXIS,
  valueAxis,
  verticalTicks,
  WALL_AXIS,
} from "../../src/chart/axis";
import { scaleOf } from "../../src/chart/scales";
import { canShow, intervalOf } from "../../src/chart/zoom";
import { Finder } from "../../src/finder/finder";
import { Planner } from "../../src/planner/planner";
import { Runs } from "../../src/runs/runs";
import { Schedules } from "../../src/schedules/schedules";
import { readHash, writeHash } from "../../src/settings/fragment";
import { Settings } from "../../src/settings/settings";
import { effort } from "./effort";

const PREFIX = "p.lr_finder.";
const any = fc.string({ unit: "binary" });
const double = fc.double({ noNaN: true });

it("any texts come back from an address as they were written, but for half letters", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]+$/), any), any, (texts, hash) => {
      const written = writeHash(`#${hash.toWellFormed()}`, PREFIX, new Map(Object.entries(texts)));
      const wanted = Object.entries(texts).map(([key, text]) => [key, text.toWellFormed()] as const);
      expect(readHash(written, PREFIX)).toEqual(new Map(wanted));
    }),
    effort(1_000),
  );
});

function settings(): Settings {
  const all = new Settings();
  const runs = new Runs(all);
  new Finder(runs, all);
  new Schedules(runs, all);
  new Planner(all, async () => {});
  return all;
}
const KEYS = [
  "zoom",
  "s_zoom",
  "runs",
  "run",
  "filter",
  "group_by",
  "group",
  "x",
  "y",
  "smoothing",
  "skip_start",
  "rate",
  "p_fields",
  "p_recipe",
  "p_code",
  "p_run",
  "p_fine",
  "p_kept",
  "s_tag",
  "s_bands",
  "sort",
  "tail",
];
const choice = fc.oneof(
  any,
  fc.jsonValue().map((value) => JSON.stringify(value)),
  double.map(String),
  fc.tuple(double, double, double, double).map(([a, b, c, d]) => JSON.stringify({ x: [a, b], y: [c, d], right: null })),
  fc.tuple(fc.constantFrom("all", "none"), fc.array(any)).map(([word, lines]) => [word, ...lines].join("\n")),
);

it("settings of any content are taken, and written so that they come back", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...KEYS), choice), (texts) => {
      const [one, other] = [settings(), settings()];
      one.take(new Map(Object.entries(texts)));
      other.take(one.all.value);
      expect(other.all.value).toEqual(one.all.value);
    }),
    effort(300),
  );
});

/** The cells of a table, as RFC 4180 has them. */
function parse(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end !== ",") rows.push([]);
  }
  return rows.slice(0, -1);
}

it("a table of any content is read back cell by cell, and no text of it is a formula", () => {
  const cell = fc.oneof(any, fc.stringMatching(/^[-=+@\t\r\n",][-=+@\t\r\n",a]*$/), fc.double());
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1 })), (rows) => {
      const read = parse(formatCsv(rows));
      expect(read.map((row) => row.length)).toEqual(rows.map((row) => row.length));
      rows.flat().forEach((cell, index) => {
        const text = read.flat()[index]!;
        if (typeof cell === "number") expect(Number(text)).toBe(cell + 0);
        else expect([cell, `'${cell}`]).toContain(text);
        if (typeof cell === "string") expect(text).not.toMatch(/^[=+\-@\t\r\n]/);
      });
    }),
    effort(500),
  );
});

const AXES = [
  ...(["log", "linear"] as const).flatMap((kind) => [rateAxis(kind), valueAxis("loss", kind)]),
  STEP_AXIS,
  EPOCH_AXIS,
  RELATIVE_AXIS,
  WALL_AXIS,
];

it("an axis over all that it can show has some ticks, inside of it, with texts", () => {
  fc.assert(
    fc.property(fc.constantFrom(...AXES), double, double, fc.integer({ min: 20, max: 3_000 }), (axis, a, b, length) => {
      const domain = a < b ? ([a, b] as const) : ([b, a] as const);
      if (!canShow(domain, axis.kind)) return;
      const scale = scaleOf(axis.kind, domain, [0, length]);
      const { minor, ...across } = horizontalTicks(axis, scale);
      for (const { ticks, labels } of [across, verticalTicks(axis, domain, length)]) {
        expect(ticks.length).toBeLessThanOrEqual(length / 20 + 12);
        expect(ticks.every(Number.isFinite)).toBe(true);
        expect(labels.join()).not.toMatch(/NaN|undefined/);
      }
      expect(minor.length).toBeLessThanOrEqual(length);
      for (const edge of [0, length]) expect(Number.isNaN(scale(scale.invert(edge)))).toBe(false);
    }),
    effort(2_000),
  );
});

it("a box of any size zooms to what its axis can show, or to nothing", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("log" as const, "linear" as const),
      double,
      double,
      double,
      double,
      (kind, a, b, from, to) => {
        const domain = [Math.min(a, b), Math.max(a, b)] as const;
        if (!canShow(domain, kind)) return;
        const zoomed = intervalOf(scaleOf(kind, domain, [0, 1_000]), kind, from, to);
        if (zoomed) expect(zoomed.every(Number.isFinite) && zoomed[0] < zoomed[1]).toBe(true);
      },
    ),
    effort(2_000),
  );
});

it("the first row from a value on is the first that is not below it", () => {
  fc.assert(
    fc.property(fc.float64Array({ noNaN: true }), double, (values, value) => {
      const column = values.toSorted();
      const wanted = column.findIndex((one) => one >= value);
      expect(firstRowFrom(column, value)).toBe(wanted < 0 ? column.length : wanted);
    }),
    effort(1_000),
  );
});
