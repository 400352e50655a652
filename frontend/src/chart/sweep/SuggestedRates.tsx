import { clamp } from "../../base/numbers";
import { Layered } from "../Layered";
import { isCrowd } from "../labelLanes";
import { valueAt } from "../rows";
import { isInside, type Scales } from "../scales";
import { type Series, shaded } from "./series";

const BEYOND = 20;

interface SuggestedRatesProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  /** The run that is put forward. */
  readonly front: string | null;
}

/** The usable band of each run; where there are many runs, only that of the one put forward. */
export function Bands({ series, scales: { x, frame }, front }: SuggestedRatesProps) {
  /** An edge that is out of sight stays near the plot: a picture has no place for 1e300 pixels. */
  const edge = (rate: number) => clamp(x(rate), frame.left - BEYOND, frame.right + BEYOND);
  const banded = series.filter(({ band }) => band);
  return shaded(banded, front).map(({ id, color, band }) => {
    const [lower, upper] = band!;
    const [left, right] = [edge(lower), edge(upper)];
    return (
      <g key={id} class="band" data-testid="band" data-id={id} data-lower={String(lower)} data-upper={String(upper)}>
        <rect x={left} y={frame.top} width={right - left} height={frame.bottom - frame.top} style={{ fill: color }} />
        <path
          d={`M${left},${frame.top}V${frame.bottom}M${right},${frame.top}V${frame.bottom}`}
          style={{ stroke: color }}
        />
        <path class="foot" d={`M${left},${frame.bottom}H${right}`} style={{ stroke: color }} />
      </g>
    );
  });
}

/** A dot on the smoothed line at each suggested rate, and a small one at the lower bound of cyclical rates. */
export function SuggestedRates({ series, scales, front }: SuggestedRatesProps) {
  const draw = (entry: Series, isFront: boolean) => {
    const isSmall = isCrowd(series.length) && !isFront;
    const dot = (rate: number, radius: number) => (
      <Dot series={entry} scales={scales} rate={rate} radius={isSmall ? radius / 2 : radius} />
    );
    return (
      <g key={entry.id} class={isSmall ? "suggested-rate small" : "suggested-rate"} style={{ fill: entry.color }}>
        {entry.suggested?.lower != null && dot(entry.suggested.lower, 4)}
        {entry.suggested && dot(entry.suggested.rate, 6)}
      </g>
    );
  };
  return (
    <g class="suggested-rates">
      <Layered items={series} runOf={({ id }) => id} front={front} draw={draw} />
    </g>
  );
}

interface DotProps {
  readonly series: Series;
  readonly scales: Scales;
  readonly rate: number;
  readonly radius: number;
}

function Dot({ series: { id, learningRate, smoothed }, scales: { x, y, kinds, frame }, rate, radius }: DotProps) {
  const [left, top] = [x(rate), y(valueAt(learningRate, smoothed, rate, kinds.x))];
  if (!isInside(frame, left, top)) return null;
  return <circle data-testid="mark" data-id={id} data-value={String(rate)} cx={left} cy={top} r={radius} />;
}
