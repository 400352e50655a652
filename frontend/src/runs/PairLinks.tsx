import type { Pair } from "../server/types";

interface PairLinksProps {
  readonly pairs: readonly Pair[];
  /** The one of the two that each link opens. */
  readonly opens: "test" | "training";
  readonly onOpen: (id: string) => void;
}

/** What a training was trained at and what its range test suggested, each with a link to the other one. */
export function PairLinks({ pairs, opens, onOpen }: PairLinksProps) {
  return pairs.map((pair) => (
    <p key={`${pair.training} ${pair.test}`} data-testid="pair">
      {pair.sentence}{" "}
      <button type="button" class="quiet" data-testid="open-pair" onClick={() => onOpen(pair[opens])}>
        {opens === "test" ? `Range test ${pair.testRun}` : `Training ${pair.trainingRun}`}
      </button>
    </p>
  ));
}
