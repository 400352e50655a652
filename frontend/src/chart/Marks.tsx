import { valueAt } from "./rows";
import { isInside, type Scales } from "./scales";
import { classOf, type Series, shaded } from "./series";

interface MarksProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  /** The run that is put forward. */
  readonly front: string | null;
}

/** The usable band of each run; of many runs only that of the one put forward. */
export function Bands({ series, scales: { x, frame }, front }: MarksProps) {
  const banded = series.filter(({ band }) => band);
  return shaded(banded, front).map(({ id, color, band }) => {
    const [lower, upper] = band!;
    const [left, right] = [x(lower), x(upper)];
    return (
      <g key={id} class="band" data-testid="band" data-id={id} data-lower={String(lower)} data-upper={String(upper)}>
        <rect x={left} y={frame.top} width={right - left} height={frame.bottom - frame.top} style={{ fill: color }} />
        <path
          d={`M${left},${frame.top}V${frame.bottom}M${right},${frame.top}V${frame.bottom}`}
          style={{ stroke: color }}
        />
      </g>
    );
  });
}

/** A dot on the smoothed line at each suggested rate, and a small one at the lower bound of cyclical rates. */
export function Marks({ series, scales, front }: MarksProps) {
  return series.map((entry) => (
    <g key={entry.id} class={classOf("mark", entry.id, front)} style={{ fill: entry.color }}>
      {entry.mark?.lower != null && <Dot series={entry} scales={scales} rate={entry.mark.lower} radius={4} />}
      {entry.mark && <Dot series={entry} scales={scales} rate={entry.mark.rate} radius={6} />}
    </g>
  ));
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
