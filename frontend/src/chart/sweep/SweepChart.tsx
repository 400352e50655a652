import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { rateAxis, untitled, valueAxis } from "../axis";
import { Labels } from "../Labels";
import { lanesIn, placeLabels } from "../labelLanes";
import { useMargin } from "../margin";
import { Plot } from "../Plot";
import { type Domain, type Frame, frameOf, MARGIN, type ScaleKind, SLIM_MARGIN, scaleOf, scalesOf } from "../scales";
import { type Size, useSize } from "../size";
import { zoomOf } from "../zoom";
import { defaultDomain } from "./domain";
import { Edges, edgeText } from "./Edges";
import { Lines } from "./Lines";
import { PICK_HEIGHT, Pick, PickButton, roundRate } from "./Pick";
import { readSweeps } from "./readout";
import { Spreads } from "./Spread";
import { Bands, SuggestedRates } from "./SuggestedRates";
import { exactly, rateText, type Series, showsSlope, valueName } from "./series";
import { type SweepStyle, USUAL_STYLE } from "./style";
import { TrainingRates } from "./TrainingRates";
import { Trials } from "./Trials";
import { Zero } from "./Zero";

export interface SweepChartProps {
  readonly series: readonly Series[];
  readonly sweepStyle?: SweepStyle;
  /** The run to put forward while it is pointed at; the others fade. */
  readonly focused: string | null;
  /** The run whose band and label are shown where there is no room for all, unless another one is put forward. */
  readonly preferred: string | null;
  /** The displayed part; null for the default one. */
  readonly zoom: Domain | null;
  readonly onZoom: (domain: Domain | null) => void;
  /** The domain without a zoom, where it does not depend on these series alone. */
  readonly domain?: Domain;
  /** Whether it is a small chart among many, without titles and labels. */
  readonly compact?: boolean;
  /** A rate picked by hand. */
  readonly picked?: number | null;
  readonly onPick?: (rate: number | null) => void;
  readonly onUsePick?: (rate: number) => void;
  /** Further buttons for a picked rate. */
  readonly pickActions?: (rate: number) => ComponentChildren;
  /** Takes the run whose line the pointer is at, null where it is at none. */
  readonly onPoint?: (id: string | null) => void;
}

/** A chart of values against learning rate, as large as its container. */
export function SweepChart(props: SweepChartProps) {
  const [ref, size] = useSize<HTMLDivElement>();
  return (
    <div ref={ref} class="chart">
      {size && <Sweeps {...props} size={size} />}
    </div>
  );
}

function Sweeps(props: SweepChartProps & { size: Size }) {
  const { series, sweepStyle = USUAL_STYLE, focused, preferred, zoom, onZoom, compact = false, size } = props;
  const { picked = null, onPick, onUsePick, pickActions, onPoint } = props;
  const { kinds, hasDots, order } = sweepStyle;
  const usual = useMemo(() => defaultDomain(series, sweepStyle), [series, sweepStyle]);
  const whole = useStable(props.domain ?? usual);
  const domain = useStable(zoom ?? whole);
  const isAhead = ({ id, group }: Series) => id === focused || group?.runs.includes(focused!);
  const front = series.find(isAhead)?.id ?? null;
  const axes = axesOf(series, sweepStyle, compact);
  const base = compact ? SLIM_MARGIN : MARGIN;
  const margin = useMargin(base, size.height, { axis: axes.y, domain: domain.y }, null);
  const { labels, height } = useLabels(compact ? NO_SERIES : series, domain, kinds.x, size, margin, front ?? preferred);
  const scales = useMemo(
    () => scalesOf(domain, frameOf(size.width, size.height, height, margin), kinds),
    [domain, size, height, margin, kinds],
  );
  const shared = { series, scales };
  return (
    <>
      <Plot
        size={size}
        scales={scales}
        whole={whole}
        axes={axes}
        description={describe(series)}
        testId="chart"
        foot={picked === null ? 0 : size.height - scales.frame.bottom + PICK_HEIGHT}
        read={(point) => readSweeps(series, scales, point, order)}
        onBox={(box) => {
          const zoomed = zoomOf(box, scales);
          if (zoomed) onZoom(zoomed);
        }}
        onReset={() => onZoom(null)}
        onClick={onPick && ((point) => onPick(point && roundRate(scales.x.invert(point[0]))))}
        enter={onPick && "picks its rate"}
        onNear={onPoint}
        clipped={
          <>
            <Bands {...shared} front={front ?? preferred} />
            {showsSlope(series) && <Zero scales={scales} />}
            <Edges {...shared} front={front ?? preferred} isNamed={!compact} />
            <TrainingRates {...shared} />
            <Spreads {...shared} front={front ?? preferred} />
            <Lines {...shared} hasDots={hasDots && !showsSlope(series)} front={front} />
          </>
        }
      >
        <Labels labels={labels} frame={scales.frame} front={front} testId="mark-label" />
        <Trials {...shared} front={front} />
        <SuggestedRates {...shared} front={front} />
        {picked !== null && <Pick rate={picked} scales={scales} />}
      </Plot>
      {picked !== null && onPick && onUsePick && (
        <PickButton rate={picked} scales={scales} size={size} onUse={onUsePick} onRemove={() => onPick(null)}>
          {pickActions?.(picked)}
        </PickButton>
      )}
    </>
  );
}

const NO_SERIES: readonly Series[] = [];

function axesOf(series: readonly Series[], { kinds }: SweepStyle, compact: boolean) {
  const [x, y] = [rateAxis(kinds.x), valueAxis(valueName(series), kinds.y)];
  return compact ? { x: untitled(x), y: untitled(y), right: null } : { x, y, right: null };
}

/** The same object for as long as its numbers are the same, so that results memoized by it stay valid. */
function useStable({ x: [x0, x1], y: [y0, y1] }: Domain): Domain {
  return useMemo(() => ({ x: [x0, x1], y: [y0, y1] }), [x0, x1, y0, y1]);
}

function useLabels(
  series: readonly Series[],
  domain: Domain,
  kind: ScaleKind,
  size: Size,
  margin: Frame,
  front: string | null,
) {
  return useMemo(() => {
    const frame = frameOf(size.width, size.height, 0, margin);
    const x = scaleOf(kind, domain.x, [frame.left, frame.right]);
    const labelled = series.flatMap(({ id, label, color, suggested }) => {
      if (!suggested) return [];
      const title = `${label}: ${exactly(suggested)}`;
      const [text, value] = [rateText(suggested), String(suggested.rate)];
      return [{ id, value, text, title, color, x: x(suggested.rate), bottom: frame.bottom }];
    });
    return placeLabels(labelled, frame, lanesIn(size.height), front);
  }, [series, domain, kind, size, margin, front]);
}

function describe(series: readonly Series[]): string {
  const rates = series.map(({ label, suggested, edge, trainedAt, group }) => {
    if (group) return `${label}: mean of ${group.runs.length}`;
    const rate = suggested ? `suggested rate ${exactly(suggested)}` : "no suggestion";
    const training = trainedAt === null ? "" : `, in a training at ${trainedAt}`;
    return `${label}: ${rate}${edge ? `, blow-up ${edgeText(edge)}` : ""}${training}`;
  });
  return `Chart of ${valueName(series)} against learning rate. ${rates.join("; ")}.`;
}
