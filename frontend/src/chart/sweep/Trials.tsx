import { formatNumber, formatRate } from "../../base/numbers";
import type { Mode, Trial } from "../../server/types";
import { Layered } from "../Layered";
import type { Scales } from "../scales";
import type { Series } from "./series";

const DOT = "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z";
const CROSS = "M-4,-4L4,4M-4,4L4,-4";
const HIGHER = "M-5,4L0,-4L5,4z";
const LOWER = "M-5,-4L0,4L5,-4z";
/** The distance from an edge of the plot to the middle of the signs at it. */
const INSET = 9;
const DIGITS = 3;

interface TrialsProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  /** The run that is put forward. */
  readonly front: string | null;
}

/** The short trainings of each run at rates around the suggested one. */
export function Trials({ series, scales, front }: TrialsProps) {
  const trained = series.filter(({ trials }) => trials.length > 0);
  const draw = (entry: Series) => (
    <g key={entry.id} class="trials" style={{ stroke: entry.color }}>
      {entry.trials.map((trial) => (
        <Sign key={trial.learningRate} series={entry} trial={trial} scales={scales} />
      ))}
    </g>
  );
  return <Layered items={trained} runOf={({ id }) => id} front={front} draw={draw} />;
}

function Sign({ series: { id, column, mode }, trial, scales }: { series: Series; trial: Trial; scales: Scales }) {
  const { learningRate, value } = trial;
  const left = scales.x(learningRate);
  if (left < scales.frame.left || left > scales.frame.right) return null;
  const [top, shape] = place(value, mode, scales);
  return (
    <path
      data-testid="trial"
      data-id={id}
      data-rate={String(learningRate)}
      data-value={value === null ? "diverged" : String(value)}
      transform={`translate(${left} ${top})`}
      d={shape}
    >
      <title>{describeTrial(trial, column)}</title>
    </path>
  );
}

/**
 * A dot at the value. No trial is left out for its value, or the best and the worst rates would look untried: one that
 * diverged is a cross at the edge where the worst values are, one outside of what is shown a triangle at the edge it lies
 * beyond.
 */
function place(value: number | null, mode: Mode, { y, frame }: Scales): [number, string] {
  const [highest, lowest] = [frame.top + INSET, frame.bottom - INSET];
  if (value === null) return [mode === "max" ? lowest : highest, CROSS];
  const top = y(value);
  if (top < frame.top) return [highest, HIGHER];
  // On a log axis a value of zero or below has no place: it is lower than all that has.
  return top <= frame.bottom ? [top, DOT] : [lowest, LOWER];
}

/** A trial in words; `name` is the name of its value. */
export function describeTrial({ learningRate, steps, value }: Trial, name: string): string {
  const rate = formatRate(learningRate);
  return value === null
    ? `${rate}: diverged within ${steps} steps`
    : `${rate}: ${name} ${formatNumber(value, DIGITS)} after ${steps} steps`;
}
