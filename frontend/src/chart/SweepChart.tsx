import { scaleLog } from "d3-scale";
import { useMemo } from "preact/hooks";
import { Axes } from "./Axes";
import { defaultDomain } from "./domain";
import { Line } from "./Line";
import { LANE_HEIGHT, placeLabels } from "./labels";
import { Bands, Labels, Marks } from "./Marks";
import { Pointer } from "./Pointer";
import { frameOf, scalesOf } from "./scales";
import { type Domain, exactly, type Series, valueName } from "./series";
import { type Size, useSize } from "./size";
import { Trials } from "./Trials";

const CLIP = "lr-finder-plot";
/** The part of the height that labels may take from the plot. */
const MAX_HEADER = 0.25;

export interface ChartProps {
  readonly series: readonly Series[];
  /** The run to put forward while it is pointed at; the others fade. */
  readonly focused: string | null;
  /** The run whose band and label are shown where there is no room for all. */
  readonly preferred: string | null;
  /** The displayed part; null for the default one. */
  readonly zoom: Domain | null;
  readonly onZoom: (domain: Domain | null) => void;
}

/** Values against learning rate, in whatever room it is given. */
export function Chart(props: ChartProps) {
  const [ref, size] = useSize<HTMLDivElement>();
  return (
    <div ref={ref} class="chart">
      {size && <Plot {...props} size={size} />}
    </div>
  );
}

function Plot({ series, focused, preferred, zoom, onZoom, size }: ChartProps & { size: Size }) {
  const { width, height } = size;
  const domain = useStable(zoom ?? defaultDomain(series));
  const labels = useMemo(() => {
    const frame = frameOf(width, height, 0);
    const lanes = Math.max(1, Math.floor((height * MAX_HEADER) / LANE_HEIGHT));
    return placeLabels(series, scaleLog(domain.x, [frame.left, frame.right]), frame, lanes, preferred);
  }, [series, domain, width, height, preferred]);
  const lanes = Math.max(0, ...labels.map(({ lane }) => lane + 1));
  const scales = useMemo(
    () => scalesOf(domain, frameOf(width, height, lanes * LANE_HEIGHT)),
    [domain, width, height, lanes],
  );
  const { frame } = scales;
  const front = series.some(({ id }) => id === focused) ? focused : null;
  const shared = { series, scales };
  return (
    <Pointer {...shared} size={size} onZoom={onZoom}>
      <svg
        {...size}
        role="img"
        aria-label={describe(series)}
        data-testid="chart"
        data-x-domain={domain.x.join(",")}
        data-y-domain={domain.y.join(",")}
      >
        <clipPath id={CLIP}>
          <rect x={frame.left} y={frame.top} width={frame.right - frame.left} height={frame.bottom - frame.top} />
        </clipPath>
        <Axes scales={scales} yTitle={valueName(series)} />
        <g clip-path={`url(#${CLIP})`}>
          <Bands {...shared} front={preferred} />
          {series.map((entry) => (
            <Line key={entry.id} series={entry} scales={scales} front={front} />
          ))}
        </g>
        <Labels labels={labels} scales={scales} front={front} />
        <Trials {...shared} front={front} />
        <Marks {...shared} front={front} />
      </svg>
    </Pointer>
  );
}

/** The same object for as long as the numbers are the same, so that what hangs on it is not computed again. */
function useStable({ x: [x0, x1], y: [y0, y1] }: Domain): Domain {
  return useMemo(() => ({ x: [x0, x1], y: [y0, y1] }), [x0, x1, y0, y1]);
}

function describe(series: readonly Series[]): string {
  const marks = series.map(
    ({ label, mark }) => `${label}: ${mark ? `suggested rate ${exactly(mark)}` : "no suggestion"}`,
  );
  return `Chart of ${valueName(series)} against learning rate. ${marks.join("; ")}.`;
}
