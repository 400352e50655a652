import { describeTrial } from "../../chart/sweep/Trials";
import type { ConfidenceWord, Trial } from "../../server/types";

interface TrialListProps {
  readonly trials: readonly Trial[];
  /** The name of the monitored value. */
  readonly monitor: string;
  readonly confidence: ConfidenceWord | null;
}

/** The short trainings in one line, and on demand the value that each of them reached, by rate. */
export function TrialList({ trials, monitor, confidence }: TrialListProps) {
  if (trials.length === 0) return null;
  const byRate = trials.toSorted((a, b) => a.learningRate - b.learningRate);
  return (
    <details class="trial-list" data-testid="trials">
      <summary>{summarize(trials, confidence)}</summary>
      <ul>
        {byRate.map((trial) => (
          <li key={trial.learningRate}>{describeTrial(trial, monitor)}</li>
        ))}
      </ul>
    </details>
  );
}

/** The trials in one sentence. Only a sure or likely rate is confirmed: methods that ignore trials have no confidence. */
function summarize(trials: readonly Trial[], confidence: ConfidenceWord | null): string {
  const isConfirmed = confidence === "sure" || confidence === "likely";
  const trainings = trials.length === 1 ? "1 short training" : `${trials.length} short trainings`;
  const steps = Math.max(...trials.map((trial) => trial.steps));
  return `${isConfirmed ? "Confirmed by" : "Rates compared in"} ${trainings} of up to ${steps} steps.`;
}
