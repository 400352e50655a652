import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { rateAxis, valueAxis } from "./axis";
import { zoomOf } from "./box";
import { defaultDomain } from "./domain";
import { Labels } from "./Labels";
import { Line } from "./Line";
import { headerOf, type Label, lanesIn, placeLabels } from "./labels";
import { Bands, Marks } from "./Marks";
import { Pick, PickButton, roundRate } from "./Pick";
import { Plot } from "./Plot";
import { type Domain, frameOf, type Kinds, scaleOf, scalesOf } from "./scales";
import { exactly, markText, type Series, valueName } from "./series";
import { type Size, useSize } from "./size";
import { readSweeps } from "./sweepReadout";
import { Trials } from "./Trials";

const NONE: readonly [] = [];
const KINDS: Kinds = { x: "log", y: "linear" };

export interface SweepChartProps {
  readonly series: readonly Series[];
  /** The run to put forward while it is pointed at; the others fade. */
  readonly focused: string | null;
  /** The run whose band and label are shown where there is no room for all. */
  readonly preferred: string | null;
  /** The displayed part; null for the default one. */
  readonly zoom: Domain | null;
  readonly onZoom: (domain: Domain | null) => void;
  /** A rate picked by hand. */
  readonly picked: number | null;
  readonly onPick: (rate: number | null) => void;
  readonly onUsePick: (rate: number) => void;
  /** What else there is to do with it. */
  readonly pickActions?: (rate: number) => ComponentChildren;
  /** Takes the run whose line is under the pointer, or null. */
  readonly onPoint: (id: string | null) => void;
  /** Small, with others beside it. */
  readonly compact?: boolean;
  /** What is displayed while nobody zooms, where it is not what the series need. */
  readonly domain?: Domain;
}

/** Values against learning rate, in whatever room it is given. */
export function SweepChart(props: SweepChartProps) {
  const [ref, size] = useSize<HTMLDivElement>();
  return (
    <div ref={ref} class="chart">
      {size && <Sweeps {...props} size={size} />}
    </div>
  );
}

function Sweeps(props: SweepChartProps & { size: Size }) {
  const { series, focused, preferred, zoom, onZoom, onPoint, compact, size } = props;
  const { picked, onPick, onUsePick, pickActions } = props;
  const whole = useStable(props.domain ?? defaultDomain(series));
  const domain = useStable(zoom ?? whole);
  const labels = useLabels(compact ? NONE : series, domain, size, preferred);
  const header = headerOf(labels);
  const scales = useMemo(
    () => scalesOf(domain, frameOf(size.width, size.height, header), KINDS),
    [domain, size, header],
  );
  const front = series.some(({ id }) => id === focused) ? focused : null;
  const shared = { series, scales };
  const axes = { x: rateAxis("log"), y: valueAxis(valueName(series)), right: null };
  return (
    <>
      <Plot
        size={size}
        scales={scales}
        whole={whole}
        axes={axes}
        description={describe(series)}
        testId="chart"
        read={([left]) => readSweeps(series, scales, left)}
        onBox={(box) => {
          const zoomed = zoomOf(box, scales);
          if (zoomed) onZoom(zoomed);
        }}
        onReset={() => onZoom(null)}
        onNear={onPoint}
        onClick={(point) => onPick(point && roundRate(scales.x.invert(point[0])))}
        clipped={
          <>
            <Bands {...shared} front={preferred} />
            {series.map((entry) => (
              <Line key={entry.id} series={entry} scales={scales} front={front} />
            ))}
          </>
        }
      >
        <Labels labels={labels} frame={scales.frame} front={front} testId="mark-label" />
        <Trials {...shared} front={front} />
        <Marks {...shared} front={front} />
        {picked !== null && <Pick rate={picked} scales={scales} />}
      </Plot>
      {picked !== null && (
        <PickButton rate={picked} scales={scales} size={size} onUse={onUsePick} onRemove={() => onPick(null)}>
          {pickActions?.(picked)}
        </PickButton>
      )}
    </>
  );
}

/** The same object for as long as the numbers are the same, so that what hangs on it is not computed again. */
function useStable({ x: [x0, x1], y: [y0, y1] }: Domain): Domain {
  return useMemo(() => ({ x: [x0, x1], y: [y0, y1] }), [x0, x1, y0, y1]);
}

function useLabels(series: readonly Series[], domain: Domain, size: Size, preferred: string | null): Label[] {
  return useMemo(() => {
    const frame = frameOf(size.width, size.height, 0);
    const x = scaleOf(KINDS.x, domain.x, [frame.left, frame.right]);
    const labelled = series.flatMap(({ id, label, color, mark }) => {
      if (!mark) return [];
      const title = `${label}: ${exactly(mark)}`;
      const [text, value] = [markText(mark), String(mark.rate)];
      return [{ id, value, text, title, color, x: x(mark.rate), bottom: frame.bottom }];
    });
    return placeLabels(labelled, frame, lanesIn(size.height), preferred);
  }, [series, domain, size, preferred]);
}

function describe(series: readonly Series[]): string {
  const marks = series.map(
    ({ label, mark }) => `${label}: ${mark ? `suggested rate ${exactly(mark)}` : "no suggestion"}`,
  );
  return `Chart of ${valueName(series)} against learning rate. ${marks.join("; ")}.`;
}
