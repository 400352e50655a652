import { formatRate } from "../../base/numbers";
import type { Scales } from "../scales";
import type { Series } from "./series";

/** The height and the width of the mark on the axis. */
const FOOT = 8;

interface TrainingRatesProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
}

/** A mark on the axis at the rate of the training that each probe was made in. */
export function TrainingRates({ series, scales: { x, frame } }: TrainingRatesProps) {
  return series.map(({ id, label, color, trainedAt }) => {
    if (trainedAt === null || !(x(trainedAt) >= frame.left && x(trainedAt) <= frame.right)) return null;
    const left = x(trainedAt);
    return (
      <g key={id} class="training-rate" data-testid="training-rate" data-id={id} data-value={String(trainedAt)}>
        <title>{`${label}: the training's rate here, ${formatRate(trainedAt)}`}</title>
        <path class="stem" d={`M${left},${frame.top}V${frame.bottom}`} style={{ stroke: color }} />
        <path
          d={`M${left - FOOT / 2},${frame.bottom}L${left},${frame.bottom - FOOT}L${left + FOOT / 2},${frame.bottom}z`}
          style={{ fill: color }}
        />
      </g>
    );
  });
}
