import { formatNumber, formatRate } from "../../base/numbers";
import type { Trial } from "../../server/types";
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
  const draw = ({ id, color, trials }: Series) => (
    <g key={id} class="trials" style={{ stroke: color }}>
      {trials.map((trial) => (
        <Sign key={trial.learningRate} id={id} trial={trial} scales={scales} />
      ))}
    </g>
  );
  return <Layered items={trained} runOf={({ id }) => id} front={front} draw={draw} />;
}

function Sign({ id, trial, scales }: { id: string; trial: Trial; scales: Scales }) {
  const { learningRate, loss } = trial;
  const left = scales.x(learningRate);
  if (left < scales.frame.left || left > scales.frame.right) return null;
  const [top, shape] = place(loss, scales);
  return (
    <path
      data-testid="trial"
      data-id={id}
      data-rate={String(learningRate)}
      data-loss={loss === null ? "diverged" : String(loss)}
      transform={`translate(${left} ${top})`}
      d={shape}
    >
      <title>{describeTrial(trial)}</title>
    </path>
  );
}

/**
 * A dot at the loss. No trial is left out for its loss, or the best and the worst rates would look untried: one that
 * diverged is a cross at the top edge of the plot, one outside of what is shown a triangle at the edge it lies beyond.
 */
function place(loss: number | null, { y, frame }: Scales): [number, string] {
  if (loss === null) return [frame.top + INSET, CROSS];
  const top = y(loss);
  if (top < frame.top) return [frame.top + INSET, HIGHER];
  // On a log axis a loss of zero or below has no place: it is lower than all that has.
  return top <= frame.bottom ? [top, DOT] : [frame.bottom - INSET, LOWER];
}

export function describeTrial({ learningRate, steps, loss }: Trial): string {
  const rate = formatRate(learningRate);
  return loss === null
    ? `${rate}: diverged within ${steps} steps`
    : `${rate}: loss ${formatNumber(loss, DIGITS)} after ${steps} steps`;
}
