import type { ComponentChildren } from "preact";
import { formatCount, formatRate } from "../../base/numbers";
import { PairLinks } from "../../runs/PairLinks";
import type { SweepRun } from "../sweeps";
import { TrialList } from "./TrialList";

interface SuggestionDetailsProps {
  readonly run: SweepRun;
  /** The label of the method that knows every use. */
  readonly recommended: string;
  /** Opens a training. */
  readonly onTraining: (id: string) => void;
  /** The buttons. */
  readonly children: ComponentChildren;
}

/** The explanation below the numbers of a run: why this rate, how the test ended, and what speaks against the rate. */
export function SuggestionDetails({ run, recommended, onTraining, children }: SuggestionDetailsProps) {
  const { trace, suggestion } = run;
  const { word = null, doubt } = suggestion?.confidence ?? {};
  return (
    <div class="details">
      <p>
        <span data-testid="suggestion-reason">{reasonOf(run, recommended)}</span>
        {trace.rows > 0 && <span class="muted"> {trace.statusText}</span>}
      </p>
      {(trace.note || trace.tags.length > 0) && (
        <p class="note-words muted" data-testid="note" title={trace.note ?? ""}>
          {[...trace.tags, trace.note ?? []].flat().join(" · ")}
        </p>
      )}
      {trace.probe && (
        <p data-testid="probe-words">
          Made in the middle of a training, after {formatCount(trace.probe.step)} steps, where its rate was{" "}
          {formatRate(trace.probe.learningRate)}.
        </p>
      )}
      {suggestion?.shape && <p data-testid="shape">{suggestion.shape.sentence}</p>}
      {doubt && (
        <p class={`doubt ${word}`} data-testid="doubt">
          {doubt}
        </p>
      )}
      {suggestion?.advice && <p data-testid="advice">{suggestion.advice}</p>}
      <PairLinks pairs={run.pairs} opens="training" onOpen={onTraining} />
      <TrialList trials={trace.trials} monitor={trace.monitor} confidence={word} />
      {children}
    </div>
  );
}

/** The reason for the rate, or for its absence. */
function reasonOf({ trace, error, suggestion, use }: SweepRun, recommended: string): string {
  if (error !== null) return error;
  if (trace.status === "damaged" || trace.status === "unsupported") return trace.statusText;
  if (trace.rows === 0) return trace.status === "running" ? "Waiting for the first batch." : "No rows were recorded.";
  if (!suggestion) return "Looking for a rate…";
  if (!use && suggestion.learningRate !== null)
    return `This method suggests constant rates only: choose ${recommended}.`;
  return use?.reason ?? suggestion.reason;
}
