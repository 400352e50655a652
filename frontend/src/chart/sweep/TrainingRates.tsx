import { formatRate } from "../../base/numbers";
import type { Scales } from "../scales";
import { TICK_FONT, textWidth } from "../textWidth";
import type { Series } from "./series";

/** The distance of the name from its line, and of its foot from the axis. */
const GAP = 5;
const FOOT = 8;

interface TrainingRatesProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  /** The run that is put forward. */
  readonly front: string | null;
  /** Whether there is room for a name. */
  readonly isNamed: boolean;
}

/** A mark on the axis at the rate of the training that each probe was made in, named at the one put forward. */
export function TrainingRates({ series, scales, front, isNamed }: TrainingRatesProps) {
  const { x, frame } = scales;
  return series.map(({ id, label, color, trainedAt, suggested }) => {
    if (trainedAt === null || !(x(trainedAt) >= frame.left && x(trainedAt) <= frame.right)) return null;
    const left = x(trainedAt);
    // The name stands on the side where no guide to the suggestion crosses it, as far as there is room.
    const width = GAP + textWidth(NAME, TICK_FONT);
    const isLeft =
      left + width > frame.right || (suggested !== null && suggested.rate > trainedAt && left - width > frame.left);
    return (
      <g key={id} class="training-rate" data-testid="training-rate" data-id={id} data-value={String(trainedAt)}>
        <title>{`${label}: ${NAME}, ${formatRate(trainedAt)}`}</title>
        <path class="stem" d={`M${left},${frame.top}V${frame.bottom}`} style={{ stroke: color }} />
        <path
          d={`M${left - FOOT / 2},${frame.bottom}L${left},${frame.bottom - FOOT}L${left + FOOT / 2},${frame.bottom}z`}
          style={{ fill: color }}
        />
        {isNamed && (id === front || series.length === 1) && (
          <text x={left + (isLeft ? -GAP : GAP)} y={frame.bottom - FOOT} text-anchor={isLeft ? "end" : "start"}>
            {NAME}
          </text>
        )}
      </g>
    );
  });
}

const NAME = "the training's rate here";
