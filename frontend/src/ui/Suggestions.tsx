import { formatRate } from "../lib/format";
import type { Use, UseName } from "../model/types";
import type { SweepRun } from "../model/view";
import { ConfidenceChip } from "./ConfidenceChip";
import { CopyButton } from "./CopyButton";
import { TrialList } from "./TrialList";
import { USE_LABELS } from "./uses";

interface SuggestionsProps {
  readonly runs: readonly SweepRun[];
  readonly use: UseName;
  /** What the method that knows every use is called. */
  readonly recommended: string;
  readonly onFocus: (id: string | null) => void;
  readonly onPlan: (id: string) => void;
}

/** What to take from the chart: per run the rate for the chosen use, the usable band, how sure it is and why. */
export function Suggestions({ runs, use, recommended, onFocus, onPlan }: SuggestionsProps) {
  return (
    <section class="card suggestions" aria-label="Suggested learning rates">
      <table>
        <thead>
          <tr>
            <th>Run</th>
            <th>{USE_LABELS[use]}</th>
            <th class="suggestion-confidence">Confidence</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.trace.id} run={run} recommended={recommended} onFocus={onFocus} onPlan={onPlan} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

type RowProps = Pick<SuggestionsProps, "recommended" | "onFocus" | "onPlan"> & { readonly run: SweepRun };

function Row({ run, recommended, onFocus, onPlan }: RowProps) {
  const { trace, start, label, color, suggestion, use } = run;
  const { lower = null, upper = null, confidence = null, probability = null, doubt } = suggestion ?? {};
  return (
    <tr
      data-testid="suggestion-row"
      data-id={trace.id}
      onPointerEnter={() => onFocus(trace.id)}
      onPointerLeave={() => onFocus(null)}
    >
      <td class="suggestion-run" title={label}>
        <span class="dot" style={{ background: color }} />
        {trace.run}
        {start && <span class="start muted">{start}</span>}
      </td>
      <td class="suggestion-rate">
        <Rate use={use} />
        {suggestion?.learningRate != null && (
          <button type="button" class="quiet" data-testid="plan-from" onClick={() => onPlan(trace.id)}>
            Plan a schedule
          </button>
        )}
        {lower !== null && upper !== null && (
          <p class="suggestion-band muted" data-testid="suggestion-band">
            usable band {formatRate(lower)} to {formatRate(upper)}
          </p>
        )}
      </td>
      <td class="suggestion-confidence">
        {confidence && <ConfidenceChip confidence={confidence} probability={probability} />}
      </td>
      <td class="suggestion-why">
        <span data-testid="suggestion-reason">{reasonOf(run, recommended)}</span>
        {trace.rows > 0 && <span class="muted"> {trace.statusText}</span>}
        {doubt && (
          <p class={`doubt ${confidence ?? ""}`} data-testid="doubt">
            {doubt}
          </p>
        )}
        <TrialList trials={trace.trials} confidence={confidence} />
      </td>
    </tr>
  );
}

function Rate({ use }: { use: Use | null }) {
  if (!use) return <b data-testid="suggestion-rate">–</b>;
  const rates = use.lower === null ? [use.learningRate] : [use.lower, use.learningRate];
  const exact = rates.join(", ");
  return (
    <>
      <b data-testid="suggestion-rate" title={exact}>
        {rates.map(formatRate).join(" to ")}
      </b>
      <CopyButton text={exact} label={`Copy ${exact}`} testId="copy-rate" />
    </>
  );
}

/** Why there is this rate, or none. */
function reasonOf({ trace, error, suggestion, use }: SweepRun, recommended: string): string {
  if (error !== null) return error;
  if (trace.status === "damaged" || trace.status === "unsupported") return trace.statusText;
  if (trace.rows === 0) return trace.status === "running" ? "Waiting for the first batch." : "No rows were recorded.";
  if (!suggestion) return "Looking for a rate…";
  if (!use && suggestion.learningRate !== null) return `Only for a constant rate: choose ${recommended}.`;
  return use?.reason ?? suggestion.reason;
}
