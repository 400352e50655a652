import { useMemo } from "preact/hooks";
import { clamp } from "../../base/numbers";
import { markedAxis, valueAxis } from "../axis";
import { Layered } from "../Layered";
import { isCrowd } from "../labelLanes";
import { useMargin } from "../margin";
import { Plot } from "../Plot";
import { LOOSE } from "../palette";
import { linePath, project } from "../path";
import type { Readout } from "../readout";
import { type Domain, frameOf, isInside, MARGIN, type Scales, scalesOf } from "../scales";
import { type Size, useSize } from "../size";
import { type Point, zoomOf } from "../zoom";
import { domainOf, type Placed, placed, type Relation, type RelationLine, type RelationPoint, RULES } from "./relation";

/** The distance within which a click is at a point, and between two rows of a curved rule, in pixels. */
const REACH = 24;
const STRIDE = 8;
/** The distance that bands go on beyond the plot, in pixels. */
const BEYOND = 20;

interface RelationChartProps {
  readonly relation: Relation;
  /** The run that the rules go through, if it has any, and that is marked. */
  readonly chosen: string | null;
  readonly onChoose: (id: string | null) => void;
  /** Whether there are rules. */
  readonly hasRules: boolean;
  readonly focused: string | null;
  readonly onPoint: (id: string | null) => void;
  readonly zoom: Domain | null;
  readonly onZoom: (domain: Domain | null) => void;
}

/** A chart of a value against a setting, as large as its container. */
export function RelationChart(props: RelationChartProps) {
  const [ref, size] = useSize<HTMLDivElement>();
  return (
    <div ref={ref} class="chart">
      {size && <Points {...props} size={size} />}
    </div>
  );
}

function Points(props: RelationChartProps & { readonly size: Size }) {
  const { relation, chosen, onChoose, hasRules, focused, onPoint, zoom, onZoom, size } = props;
  const { points, lines, kinds, names, marks } = relation;
  const whole = useMemo(() => domainOf(relation), [relation]);
  const domain = zoom ?? whole;
  const axes = {
    x: marks.size > 0 ? markedAxis(names.x, kinds.x, marks) : valueAxis(names.x, kinds.x),
    y: valueAxis(names.y, kinds.y),
    right: null,
  };
  const margin = useMargin(MARGIN, size.height, { axis: axes.y, domain: domain.y }, null);
  const scales = useMemo(
    () => scalesOf(domain, frameOf(size.width, size.height, 0, margin), kinds),
    [domain, size, margin, kinds],
  );
  const drawn = useMemo(() => placed(points, scales, chosen), [points, scales, chosen]);
  const front = points.some(({ id }) => id === focused) ? focused : null;
  const layered = { items: drawn, runOf: ({ id }: Placed) => id, front };
  const origin = points.find(({ id }) => id === chosen);
  return (
    <Plot
      size={size}
      scales={scales}
      whole={whole}
      axes={axes}
      description={describe(relation)}
      testId="relation-chart"
      read={(point) => readPoints(relation, drawn, point)}
      onBox={(box) => {
        const zoomed = zoomOf(box, scales);
        if (zoomed) onZoom(zoomed);
      }}
      onReset={() => onZoom(null)}
      onClick={(point, isTyped) => onChoose(point && (nearest(drawn, point, isTyped ? undefined : REACH)?.id ?? null))}
      enter="chooses the nearest run"
      onNear={onPoint}
      clipped={
        <>
          <Layered
            {...layered}
            draw={(point) => (
              <Band key={point.id} point={point} scales={scales} width={isCrowd(points.length) ? 1.5 : 4} />
            )}
          />
          {origin && hasRules && <Rules origin={origin} scales={scales} />}
          <g class="lines">
            {lines.map((line) => (
              <Medians key={line.label} line={line} scales={scales} />
            ))}
          </g>
        </>
      }
    >
      <Layered
        {...layered}
        draw={({ id, value, color, left, top }) =>
          isInside(scales.frame, left, top) && (
            <circle
              key={id}
              class={id === chosen ? "suggested-rate chosen" : "suggested-rate"}
              data-testid="relation-point"
              data-id={id}
              data-value={String(value)}
              cx={left}
              cy={top}
              r={id === chosen ? 8 : isCrowd(points.length) ? 3.5 : 5.5}
              style={{ fill: color }}
            />
          )
        }
      />
    </Plot>
  );
}

interface BandProps {
  readonly point: Placed;
  readonly scales: Scales;
  readonly width: number;
}

/** The usable band of a run as a bar behind its point. */
function Band({ point: { id, band, color, left }, scales: { y, frame }, width }: BandProps) {
  if (!band) return null;
  // An end that is out of sight stays near the plot: a picture has no place for 1e300 pixels.
  const [bottom, top] = band.map((rate) => clamp(y(rate), frame.top - BEYOND, frame.bottom + BEYOND));
  return (
    <path
      class="relation-band"
      data-testid="relation-band"
      data-id={id}
      d={`M${left},${bottom}V${top}`}
      style={{ stroke: color, strokeWidth: width }}
    />
  );
}

/** The medians of a group as a line, and the ranges of its repeats. */
function Medians({ line: { label, color, dash, repeats }, scales }: { line: RelationLine; scales: Scales }) {
  const { x, y, frame } = scales;
  const column = (values: readonly number[], scale: Scales["x"]) => Float64Array.from(values, scale);
  const xs = column(
    repeats.map(({ place }) => place),
    x,
  );
  const path = linePath(
    project(
      xs,
      column(
        repeats.map(({ median }) => median),
        y,
      ),
      frame,
      0.1,
    ),
  );
  const ranges = repeats
    .filter(({ count }) => count > 1)
    .map(({ place, low, high }) => {
      const [left, bottom, top] = [x(place), y(low), y(high)];
      return `M${left - 5},${bottom}h10M${left},${bottom}V${top}M${left - 5},${top}h10`;
    });
  return (
    <g data-testid="relation-line" data-name={label} style={{ stroke: color }}>
      <path d={path} style={{ strokeDasharray: dash }} />
      <path data-testid="relation-range" d={ranges.join("")} />
    </g>
  );
}

/** The rates that each rule derives from that of one run. */
function Rules({ origin: { place, value }, scales }: { origin: RelationPoint; scales: Scales }) {
  const { x, y, frame } = scales;
  const xs = Float64Array.from(
    { length: Math.ceil((frame.right - frame.left) / STRIDE) + 1 },
    (_, index) => frame.left + STRIDE * index,
  );
  return (
    <g class="lines">
      {RULES.map(({ label, power, dash }) => (
        <path
          key={label}
          data-testid="rule"
          data-power={String(power)}
          d={linePath(
            project(
              xs,
              xs.map((left) => y(value * (x.invert(left) / place) ** power)),
              frame,
            ),
          )}
          style={{ stroke: LOOSE.color, strokeDasharray: dash, strokeWidth: 1.5 }}
        />
      ))}
    </g>
  );
}

/** The point nearest to a place, within a distance. */
function nearest(points: readonly Placed[], [x, y]: Point, reach = Number.POSITIVE_INFINITY): Placed | undefined {
  const distances = points.map((point) => ({ point, distance: Math.hypot(point.left - x, point.top - y) }));
  return distances.filter(({ distance }) => distance <= reach).sort((a, b) => a.distance - b.distance)[0]?.point;
}

/** All runs with the value of the setting that the pointer is at. */
function readPoints({ names, head }: Relation, points: readonly Placed[], [left]: Point): Readout {
  const [at] = points.toSorted((a, b) => Math.abs(a.left - left) - Math.abs(b.left - left));
  const readings = points
    .filter(({ place }) => place === at?.place)
    .sort((a, b) => a.top - b.top)
    .map((point) => ({ ...point, step: 0, words: point.cells[0]! }));
  return { name: names.x, value: at?.at ?? "", sections: [{ head, readings }] };
}

function describe({ points, names }: Relation): string {
  const words = points.map(({ label, at, cells }) => `${label}: ${cells[0]} at ${at}`);
  return `Chart of ${names.y} against ${names.x}. ${words.join("; ")}.`;
}
