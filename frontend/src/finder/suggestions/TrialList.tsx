import { describeTrial } from "../../chart/sweep/Trials";
import type { ConfidenceWord, Trial } from "../../server/types";

interface TrialListProps {
  readonly trials: readonly Trial[];
  /** The name of what they reached. */
  readonly monitor: string;
  readonly confidence: ConfidenceWord | null;
}

/** That short trainings were run, in one line; what each of them reached, on demand. */
export function TrialList({ trials, monitor, confidence }: TrialListProps) {
  if (trials.length === 0) return null;
  return (
    <details class="trial-list" data-testid="trials">
      <summary>{summarize(trials, confidence)}</summary>
      <ul>
        {trials.map((trial) => (
          <li key={trial.learningRate}>{describeTrial(trial, monitor)}</li>
        ))}
      </ul>
    </details>
  );
}

/** A doubtful rate is not confirmed by them, and neither is the rate of a method that knows nothing of them. */
function summarize(trials: readonly Trial[], confidence: ConfidenceWord | null): string {
  const isConfirmed = confidence === "sure" || confidence === "likely";
  const trainings = trials.length === 1 ? "1 short training" : `${trials.length} short trainings`;
  const steps = Math.max(...trials.map((trial) => trial.steps));
  return `${isConfirmed ? "Confirmed by" : "Rates compared in"} ${trainings} of up to ${steps} steps.`;
}
