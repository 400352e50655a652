import { useCallback, useMemo } from "preact/hooks";
import { type Axis, rateAxis, valueAxis } from "../axis";
import { Labels } from "../Labels";
import { Layered } from "../Layered";
import { useMargin } from "../margin";
import { Plot } from "../Plot";
import {
  type Frame,
  frameOf,
  type Interval,
  MARGIN,
  MARGIN_OF_TWO,
  type Scale,
  type ScaleKind,
  scaleOf,
  scalesOf,
} from "../scales";
import { type Size, useSize } from "../size";
import { intervalOf, type Point, zoomOf } from "../zoom";
import { ownDomains, rateDomain, valueDomain, xDomain } from "./domain";
import { placeRateChanges } from "./labels";
import type { Overlay, ScheduleLine, ScheduleZoom } from "./lines";
import { ProbeLines, ProbePoints } from "./Probes";
import type { ProbeLine } from "./probeLines";
import { withRateChangesIn } from "./rateChanges";
import { probeAt, readSchedules } from "./readout";
import { OverlayLine, RateChanges, RateLine } from "./ScheduleLines";

interface ScheduleChartProps {
  readonly lines: readonly ScheduleLine[];
  /** Scalars to lay over, the first tag's first; the others share its axis, or are drawn over the height of their own range. */
  readonly overlays: readonly Overlay[];
  readonly probes?: readonly ProbeLine[];
  readonly xAxis: Axis;
  readonly yKind: ScaleKind;
  /** The scale of the scalars; linear by default. */
  readonly rightKind?: ScaleKind;
  /** The run to put forward while it is pointed at; the others fade. */
  readonly focused: string | null;
  /** The run whose rate changes are named where there is no room for all, unless another one is put forward. */
  readonly preferred: string | null;
  readonly zoom: ScheduleZoom | null;
  readonly onZoom: (zoom: ScheduleZoom | null) => void;
  /** Takes the run whose line the pointer is at, null where it is at none. */
  readonly onPoint?: (id: string | null) => void;
  /** Opens the trace of a probe. */
  readonly onProbe?: (id: string) => void;
  readonly testId: string;
}

/** A chart of learning rates against steps, epochs or time, as large as its container. */
export function ScheduleChart(props: ScheduleChartProps) {
  const [ref, size] = useSize<HTMLDivElement>();
  return (
    <div ref={ref} class="chart">
      {size && <Schedules {...props} size={size} />}
    </div>
  );
}

function Schedules(props: ScheduleChartProps & { size: Size }) {
  const {
    lines,
    overlays,
    probes = NO_PROBES,
    xAxis,
    yKind,
    rightKind = "linear",
    focused,
    preferred,
    zoom,
    onZoom,
    testId,
    size,
  } = props;
  const { onPoint, onProbe } = props;
  const { x, y, right, own, whole } = useDomains(lines, overlays, probes, { y: yKind, right: rightKind }, zoom);
  const kinds = useMemo(() => ({ x: xAxis.kind, y: yKind }), [xAxis, yKind]);
  const plane = useMemo(() => ({ x, y }), [x, y]);
  const front = lines.some(({ id }) => id === focused) ? focused : null;
  const dotted = useMemo(() => withRateChangesIn(plane, lines), [plane, lines]);
  const yAxis = rateAxis(yKind);
  const rightAxis = overlays[0] ? valueAxis(tagsOf(overlays.filter(({ tag }) => !own.has(tag))), rightKind) : null;
  const margin = useMargin(
    rightAxis ? MARGIN_OF_TWO : MARGIN,
    size.height,
    { axis: yAxis, domain: y },
    rightAxis && { axis: rightAxis, domain: right },
  );
  const scalesUnder = useCallback(
    (header: number) => scalesOf(plane, frameOf(size.width, size.height, header, margin), kinds),
    [plane, size, margin, kinds],
  );
  const named = front ?? preferred;
  const { labels, height } = useMemo(
    () => placeRateChanges(dotted, scalesUnder, size.height, named),
    [dotted, scalesUnder, size, named],
  );
  const scales = useMemo(() => scalesUnder(height), [scalesUnder, height]);
  const hasRight = rightAxis !== null;
  const rightScale = useMemo(
    () => (hasRight ? valueScale(rightKind, right, scales.frame) : null),
    [hasRight, rightKind, right, scales],
  );
  const scaleOfTag = useMemo(() => {
    const owned = [...own].map(([tag, domain]) => {
      const [bottom, top] = whole.right.map(rightScale!) as [number, number];
      return [tag, scaleOf(rightKind, domain, [bottom, top])] as const;
    });
    const scales = new Map(rightScale ? owned : []);
    return rightScale && ((tag: string) => scales.get(tag) ?? rightScale);
  }, [own, whole, rightKind, rightScale]);
  const shared = { items: lines, runOf: ({ id }: { readonly id: string }) => id, front };
  const readable = { lines, overlays, probes, axis: xAxis, right: scaleOfTag };
  const found = { probes, scales, front, preferred };

  const open = (point: Point | null, isTyped = false) => {
    const probe = point && probeAt(probes, scales, point, isTyped);
    if (probe) onProbe?.(probe);
  };
  const zoomTo = (box: Frame) => {
    const plane = zoomOf(box, scales);
    if (plane) onZoom({ ...plane, right: rightScale && intervalOf(rightScale, rightKind, box.bottom, box.top) });
  };
  return (
    <Plot
      size={size}
      scales={scales}
      whole={whole}
      axes={{
        x: xAxis,
        y: yAxis,
        right: rightScale && rightAxis && { scale: rightScale, axis: rightAxis },
      }}
      description={describe(lines, overlays, probes, xAxis)}
      testId={testId}
      read={([left]) => readSchedules(readable, scales, left)}
      onBox={zoomTo}
      onReset={() => onZoom(null)}
      onClick={open}
      enter={probes.length > 0 ? "opens the nearest probe" : undefined}
      onNear={onPoint && ((id) => onPoint(lines.some((line) => line.id === id) ? id : null))}
      clipped={
        <>
          <ProbeLines {...found} />
          {scaleOfTag && (
            <Layered
              items={overlays}
              runOf={({ lineId }) => lineId}
              front={front}
              draw={(overlay) => (
                <OverlayLine key={overlay.id} overlay={overlay} scales={scales} y={scaleOfTag(overlay.tag)} />
              )}
            />
          )}
          <Layered {...shared} draw={(line) => <RateLine key={line.id} line={line} scales={scales} />} />
        </>
      }
    >
      <Labels labels={labels} frame={scales.frame} front={front} testId="schedule-label" />
      <Layered {...shared} items={dotted} draw={(line) => <RateChanges key={line.id} line={line} scales={scales} />} />
      <ProbePoints {...found} />
    </Plot>
  );
}

function tagsOf(overlays: readonly Overlay[]): string {
  return [...new Set(overlays.map(({ tag }) => tag))].join(", ");
}

function valueScale(kind: ScaleKind, domain: Interval, { top, bottom }: Frame): Scale {
  return scaleOf(kind, domain, [bottom, top]);
}

const NO_PROBES: readonly ProbeLine[] = [];

function useDomains(
  lines: readonly ScheduleLine[],
  overlays: readonly Overlay[],
  probes: readonly ProbeLine[],
  kinds: { readonly y: ScaleKind; readonly right: ScaleKind },
  zoom: ScheduleZoom | null,
) {
  const { y, right } = kinds;
  const own = useMemo(() => ownDomains(overlays, right), [overlays, right]);
  const whole = useMemo(
    () => ({
      x: xDomain(lines, overlays, probes),
      y: rateDomain(lines, y, probes),
      right: valueDomain(
        overlays.filter(({ tag }) => !own.has(tag)),
        right,
      ),
    }),
    [lines, overlays, probes, own, y, right],
  );
  return { x: zoom?.x ?? whole.x, y: zoom?.y ?? whole.y, right: zoom?.right ?? whole.right, own, whole };
}

function describe(
  lines: readonly ScheduleLine[],
  overlays: readonly Overlay[],
  probes: readonly ProbeLine[],
  xAxis: Axis,
): string {
  const names = lines.map(({ label, isPlan }) => (isPlan ? `${label} (planned)` : label));
  const tag = overlays[0] ? `, with ${tagsOf(overlays)} on a second axis` : "";
  const band = probes.length > 0 ? ", with the rates that probes found usable" : "";
  return `Chart of the learning rate against ${xAxis.name.toLowerCase()}${tag}${band}: ${names.join("; ")}.`;
}
