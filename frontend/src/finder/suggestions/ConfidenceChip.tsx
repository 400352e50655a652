import type { Confidence } from "../../server/types";

/** The confidence of a suggestion in one word, with its probability on hover. */
export function ConfidenceChip({ confidence: { word, probability } }: { confidence: Confidence }) {
  return (
    <span class={`chip ${word}`} data-testid="confidence" title={probability === null ? "" : describe(probability)}>
      {word}
    </span>
  );
}

function describe(probability: number): string {
  return `${Math.round(100 * probability)} % of such suggestions trained nearly as well as the best rate, in our benchmark`;
}
