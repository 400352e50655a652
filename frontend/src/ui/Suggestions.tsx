import { formatRate } from "../lib/format";
import type { Run } from "../model/view";
import { CopyButton } from "./CopyButton";

interface SuggestionsProps {
  readonly runs: readonly Run[];
  readonly onFocus: (id: string | null) => void;
}

/** What to take from the chart: per run the rate, the usable band and why. */
export function Suggestions({ runs, onFocus }: SuggestionsProps) {
  return (
    <section class="card suggestions" aria-label="Suggested learning rates">
      <table>
        <thead>
          <tr>
            <th>Run</th>
            <th>Suggested rate</th>
            <th>Usable band</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.trace.id} run={run} onFocus={onFocus} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ run, onFocus }: { run: Run; onFocus: (id: string | null) => void }) {
  const { trace, start, label, color, suggestion } = run;
  const { learningRate = null, lower = null, upper = null } = suggestion ?? {};
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
        <b data-testid="suggestion-rate" title={learningRate === null ? "" : String(learningRate)}>
          {learningRate === null ? "–" : formatRate(learningRate)}
        </b>
        {learningRate !== null && (
          <CopyButton text={String(learningRate)} label={`Copy ${learningRate}`} testId="copy-rate" />
        )}
      </td>
      <td class="suggestion-band">
        {lower === null || upper === null ? "–" : `${formatRate(lower)} to ${formatRate(upper)}`}
      </td>
      <td>
        <span data-testid="suggestion-reason">{reasonOf(run)}</span>
        {trace.rows > 0 && <span class="muted stop"> {trace.statusText}</span>}
      </td>
    </tr>
  );
}

/** Why there is this rate, or none. */
function reasonOf({ trace, curve, suggestion }: Run): string {
  if (curve && "error" in curve) return curve.error;
  if (trace.status === "damaged" || trace.status === "unsupported") return trace.statusText;
  if (trace.rows === 0) return trace.status === "running" ? "Waiting for the first batch." : "No rows were recorded.";
  return suggestion?.reason ?? "Looking for a rate…";
}
