/** The texts of the tooltip: schedules and scalars at one position of the chart. `../readout.ts` has its form. */

import { formatCount, formatNumber, formatRate, formatValue } from "../../base/numbers";
import type { Axis } from "../axis";
import type { Reading, Readout, Section } from "../readout";
import { nearestRow } from "../rows";
import type { Scale, Scales } from "../scales";
import type { Point } from "../zoom";
import type { Overlay, ScheduleLine } from "./lines";
import { nearestProbe, type ProbeLine } from "./probeLines";

/** The distance from a probe within which a click opens it, in pixels. */
const CLICK = 14;
/** The distance beyond the end of a line within which the pointer still reads it, in pixels. */
const REACH = 12;

interface Shown {
  readonly lines: readonly ScheduleLine[];
  readonly overlays: readonly Overlay[];
  readonly probes: readonly ProbeLine[];
  readonly axis: Axis;
  /** The axis of the values of a tag; null without scalars. */
  readonly right: ((tag: string) => Scale) | null;
}

/** The fields that a line and a scalar have in common. */
type Readable = Pick<ScheduleLine, "id" | "label" | "color" | "dash" | "xs" | "steps"> & {
  readonly values: Float64Array;
  /** The values as they are drawn. */
  readonly smoothed: Float64Array;
};

export function readSchedules({ lines, overlays, probes, axis, right }: Shown, scales: Scales, left: number): Readout {
  const { x, y } = scales;
  const readingsOf = (readables: readonly Readable[], scale: Scale | null, format: (value: number) => string) =>
    readables.flatMap(({ id, label, color, dash, xs, values, smoothed, steps }) =>
      nearest(xs, x, left).map((row): Reading => {
        const columns = smoothed === values ? [values] : [smoothed, values];
        return {
          id,
          label,
          color,
          dash,
          left: x(xs[row]!),
          top: scale?.(smoothed[row]!) ?? Number.NaN,
          step: steps[row]!,
          cells: [...columns.map((column) => format(column[row]!)), formatCount(steps[row]!)],
        };
      }),
    );
  const rates = lines.map((line) => ({ ...line, values: line.rates, smoothed: line.rates }));
  return {
    name: axis.name,
    value: axis.read(x.invert(left)),
    sections: [
      { head: ["LR", "Step"], readings: readingsOf(rates, y, formatRate) },
      ...probeSection(probes, scales, left),
      ...[...Map.groupBy(overlays, ({ tag }) => tag)].map(([tag, some]) => ({
        head: [
          ...(some.some(({ values, smoothed }) => smoothed !== values) ? ["Smoothed"] : []),
          tag,
          some[0]!.unit === "epoch" ? "Epoch" : "Step",
        ],
        readings: readingsOf(
          some.map((overlay) => ({ ...overlay, label: overlay.run })),
          right?.(tag) ?? null,
          formatValue,
        ),
      })),
    ],
  };
}

function probeSection(probes: readonly ProbeLine[], scales: Scales, left: number): Section[] {
  if (probes.length === 0) return [];
  const head = ["Suggested", "Ratio", "Usable band", "Edge", "Confidence", "LR", "Step"];
  const readings = probes.flatMap((line) => readProbe(line, scales, left));
  return [{ name: "Nearest probe", head, readings }];
}

/** The reading of the probe nearest to the pointer, with its own trace. */
export function readProbe(line: ProbeLine, { x, y }: Scales, left: number): (Reading & { readonly probe: string })[] {
  const { id, label, color, dash, xs, places, points } = line;
  return nearestProbe(line, x, left, REACH).map((row) => {
    const { id: probe, step, learningRate, suggestion, lower, upper, edge, confidence } = points[row]!;
    const cells = [
      maybe(suggestion),
      suggestion === null ? NONE : `${formatNumber(learningRate / suggestion, 2)}×`,
      lower === null || upper === null ? NONE : `${formatRate(lower)} – ${formatRate(upper)}`,
      maybe(edge),
      confidence ?? NONE,
      formatRate(learningRate),
      formatCount(step),
    ];
    const [suggested, ratio, usable, broken, word, rate, at] = cells;
    const words = `probed at step ${at}: rate ${rate}, suggested ${suggested}, ratio ${ratio}, usable ${usable}, edge ${broken}, confidence ${word}`;
    return { id, label, color, dash, left: x(xs[row]!), top: y(places[row]!), step, cells, words, probe };
  });
}

/**
 * The trace of the probe that a click is at, or that a key means: of those read at its place, the one nearest to its height,
 * however far.
 */
export function probeAt(probes: readonly ProbeLine[], scales: Scales, [x, y]: Point, isTyped: boolean): string | null {
  const read = probes
    .flatMap((line) => readProbe(line, scales, x))
    .map(({ probe, left, top }) => ({ probe, distance: Math.hypot(left - x, top - y) || 0 }))
    .sort((a, b) => a.distance - b.distance);
  const [first] = read.filter(({ distance }) => isTyped || distance <= CLICK);
  return first?.probe ?? null;
}

const NONE = "–";

function maybe(rate: number | null): string {
  return rate === null ? NONE : formatRate(rate);
}

/** The row nearest to the pointer; none where the line is elsewhere. */
function nearest(xs: Float64Array, x: Scale, left: number): number[] {
  if (xs.length === 0) return [];
  const isBeside = left < x(xs[0]!) - REACH || left > x(xs.at(-1)!) + REACH;
  return isBeside ? [] : [nearestRow(xs, x.invert(left), "linear")];
}
