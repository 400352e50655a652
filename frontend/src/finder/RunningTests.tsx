import { useEffect } from "preact/hooks";
import { Swatch } from "../chart/Swatch";
import type { ProgressEntry } from "./progress";

const SHOWN_AT_MOST = 3;
/** The time for which the end of a test is shown. */
const TOLD_MS = 8_000;

interface RunningTestsProps {
  readonly entries: readonly ProgressEntry[];
  /** Takes the id of a test whose end was shown for long enough. */
  readonly onTold: (id: string) => void;
}

/** The running tests with their progress and the time left, and for some seconds the result of one that ended. */
export function RunningTests({ entries, onTold }: RunningTestsProps) {
  const rest = entries.length - SHOWN_AT_MOST;
  return (
    <>
      {entries.length > 0 && (
        <ul class="card running-tests" data-testid="progress" aria-label="Running tests">
          {entries.slice(0, SHOWN_AT_MOST).map((entry) => (
            <Test key={entry.id} entry={entry} />
          ))}
          {rest > 0 && <li class="muted">and {rest} more</li>}
        </ul>
      )}
      <div class="unseen" aria-live="polite" data-testid="announcements">
        {entries.map((entry) => (
          <Announcement key={entry.id} entry={entry} onTold={onTold} />
        ))}
      </div>
    </>
  );
}

function Test({ entry }: { entry: ProgressEntry }) {
  const { id, label, color, dash, hasEnded, words, exact, share, left } = entry;
  return (
    <li data-testid="progress-test" data-id={id} data-ended={hasEnded}>
      <span class="test-name" title={label}>
        <Swatch color={color} dash={dash} />
        {label}
      </span>
      {share !== null && <progress value={share} aria-label={`Steps of ${label}`} />}
      <span class="test-words" title={exact} data-testid="progress-words">
        {words}
      </span>
      {left && (
        <span class="test-left muted" data-testid="progress-left">
          {left}
        </span>
      )}
    </li>
  );
}

/** The text for screen readers: that a test runs and how it ended, not every step. */
function Announcement({ entry, onTold }: { entry: ProgressEntry } & Pick<RunningTestsProps, "onTold">) {
  const { id, label, hasEnded, words } = entry;
  useEffect(() => {
    if (!hasEnded) return;
    const timer = setTimeout(() => onTold(id), TOLD_MS);
    return () => clearTimeout(timer);
  }, [id, hasEnded]);
  return (
    <p>
      {label}: {hasEnded ? words : "running"}.
    </p>
  );
}
