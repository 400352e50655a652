import type { Confidence } from "../../server/types";

interface ConfidenceChipProps {
  readonly confidence: Confidence;
  readonly probability: number | null;
}

/** How far a suggestion can be trusted, in one word; what that means in numbers on hover. */
export function ConfidenceChip({ confidence, probability }: ConfidenceChipProps) {
  return (
    <span
      class={`chip ${confidence}`}
      data-testid="confidence"
      title={probability === null ? "" : describe(probability)}
    >
      {confidence}
    </span>
  );
}

function describe(probability: number): string {
  return `${Math.round(100 * probability)} % of such suggestions were good in the benchmark`;
}
