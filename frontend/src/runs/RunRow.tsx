import { formatRate } from "../base/numbers";
import { Swatch } from "../chart/Swatch";
import type { Trace } from "../server/types";
import { memo } from "../widgets/memo";
import type { Run } from "./run";

const WARNINGS: readonly string[] = ["damaged", "unsupported", "interrupted"];
const ENDED: Partial<Record<Trace["status"], string>> = { finished: "Finished", interrupted: "Interrupted" };

export interface RunActions {
  readonly onSelect: (ids: readonly string[], isSelected: boolean) => void;
  /** Shows this run and no other. */
  readonly onOnly: (id: string) => void;
  /** Pins this run, or no longer. */
  readonly onPin: (id: string) => void;
  readonly onFocus: (id: string | null) => void;
}

/** One run of the list. */
export const RunRow = memo(({ run, onSelect, onOnly, onPin, onFocus }: RunActions & { readonly run: Run }) => {
  const { trace, apart, label, color, dash, isSelected, isPinned } = run;
  const { id, status, note, tags } = trace;
  return (
    <li
      data-testid="run-row"
      data-run={trace.run}
      data-id={id}
      data-status={status}
      onPointerEnter={() => onFocus(isSelected ? id : null)}
      onPointerLeave={() => onFocus(null)}
    >
      <label title={label}>
        <input type="checkbox" checked={isSelected} onChange={(event) => onSelect([id], event.currentTarget.checked)} />
        <Swatch color={color} dash={dash} />
        <span class="run-name">{trace.probe ? apart : trace.run}</span>
        <span class="run-meta">{describe(run)}</span>
        {(note || tags.length > 0) && (
          <span class="run-note" data-testid="run-note" title={note ?? ""}>
            {tags.map((tag) => (
              <span key={tag} class="tag">
                {tag}
              </span>
            ))}
            {note && <span class="muted">{note}</span>}
          </span>
        )}
        <Status run={run} />
      </label>
      <div class="run-actions">
        <button
          type="button"
          class="small"
          data-testid="pin"
          aria-label={`Pin ${label}`}
          aria-pressed={isPinned}
          title="Keep this run in sight and compare the others with it"
          onClick={() => onPin(id)}
        >
          {isPinned ? "Pinned" : "Pin"}
        </button>
        <button type="button" class="small" data-testid="only" aria-label={`Only ${label}`} onClick={() => onOnly(id)}>
          Only
        </button>
      </div>
    </li>
  );
});

function Status({ run: { trace, error } }: { run: Run }) {
  const { status, statusText, rows, numSteps } = trace;
  const isWarning = error !== null || WARNINGS.includes(status);
  const words = error ?? brief(trace);
  return (
    <>
      {words && (
        <span
          class={`run-status ${isWarning ? "warning" : status}`}
          data-testid="run-status"
          title={error ?? statusText}
        >
          {words}
        </span>
      )}
      {status === "running" && numSteps !== null && hasRowPerStep(trace) && (
        <progress max={numSteps} value={rows} aria-label={`${rows} of ${numSteps} steps`} />
      )}
    </>
  );
}

/**
 * The status in short: empty for a finished training or plan, a few words where the table of suggestions has the
 * sentence, and the sentence itself elsewhere.
 */
function brief(trace: Trace): string {
  const { status, statusText, rows, numSteps } = trace;
  const ended = ENDED[status];
  if (status === "finished" && !hasRowPerStep(trace)) return "";
  if (ended === undefined || rows === 0 || !hasRowPerStep(trace)) return statusText;
  return `${ended} · ${numSteps === null ? rows : `${rows} of ${numSteps}`} steps`;
}

/** Whether the rows count steps. Those of trainings are thinned, and those of plans were never trained. */
function hasRowPerStep({ kind }: Trace): boolean {
  return kind === "range_test";
}

function describe({ trace: { kind, driver, optimizer, batchSize, probe }, apart, facts }: Run): string {
  // Its heading has the rest.
  if (probe) return `at rate ${formatRate(probe.learningRate)}`;
  const batch = batchSize === null ? null : `batch ${batchSize}`;
  const parts = [apart, kind === "plan" ? "plan" : null, driver, optimizer, batch, facts || null];
  return parts.filter((part) => part !== null).join(" · ");
}
