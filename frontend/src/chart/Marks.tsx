import { LANE_HEIGHT, type Label } from "./labels";
import { valueAt } from "./rows";
import { isInside, type Scales } from "./scales";
import { classOf, exactly, type Series } from "./series";

const LABEL_HEIGHT = 20;
const MAX_BANDS = 3;

interface MarksProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  /** The run that is put forward. */
  readonly front: string | null;
}

/** The usable band of each run; of many runs only the one put forward, since shades on shades say nothing. */
export function Bands({ series, scales: { x, frame }, front }: MarksProps) {
  const banded = series.filter(({ band }) => band);
  const shown = banded.length <= MAX_BANDS ? banded : banded.filter(({ id }) => id === front);
  return shown.map(({ id, color, band }) => {
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

function Dot({ series: { id, learningRate, smoothed }, scales: { x, y, frame }, rate, radius }: DotProps) {
  const [left, top] = [x(rate), y(valueAt(learningRate, smoothed, rate))];
  if (!isInside(frame, left, top)) return null;
  return <circle data-testid="mark" data-id={id} data-value={String(rate)} cx={left} cy={top} r={radius} />;
}

interface LabelsProps {
  readonly labels: readonly Label[];
  readonly scales: Scales;
  readonly front: string | null;
}

/** The suggested rates in words over the plot, each with a guide down to its axis. */
export function Labels({ labels, scales: { frame }, front }: LabelsProps) {
  const bottomOf = ({ lane }: Label) => frame.top - 4 - lane * LANE_HEIGHT;
  return (
    <>
      {labels.map((label) => (
        <path
          key={label.series.id}
          class={classOf("guide", label.series.id, front)}
          d={`M${label.x},${bottomOf(label)}V${frame.bottom}`}
          style={{ stroke: label.series.color }}
        />
      ))}
      {labels.map((label) => (
        <g key={label.series.id} class={classOf("pill", label.series.id, front)}>
          <Pill label={label} top={bottomOf(label) - LABEL_HEIGHT} />
        </g>
      ))}
    </>
  );
}

function Pill({ label: { series, mark, text, middle, width }, top }: { label: Label; top: number }) {
  return (
    <>
      <title>{`${series.label}: ${exactly(mark)}`}</title>
      <rect
        x={middle - width / 2}
        y={top}
        width={width}
        height={LABEL_HEIGHT}
        rx={4}
        style={{ stroke: series.color }}
      />
      <text
        data-testid="mark-label"
        data-id={series.id}
        data-value={String(mark.rate)}
        x={middle}
        y={top + LABEL_HEIGHT / 2}
        dy="0.34em"
        text-anchor="middle"
      >
        {text}
      </text>
    </>
  );
}
