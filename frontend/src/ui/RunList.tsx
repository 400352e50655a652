import { useState } from "preact/hooks";
import type { Trace } from "../model/types";
import type { Run } from "../model/view";

const WARNINGS: readonly string[] = ["damaged", "unsupported", "interrupted"];
const ENDED: Partial<Record<Trace["status"], string>> = { finished: "Finished", interrupted: "Interrupted" };

export interface RunListProps {
  readonly runs: readonly Run[];
  /** The runs that the filter lets through. */
  readonly listed: readonly Run[];
  readonly filter: string;
  readonly filterError: string | null;
  readonly onFilter: (text: string) => void;
  readonly onSelect: (ids: readonly string[], isSelected: boolean) => void;
  readonly onFocus: (id: string | null) => void;
}

/** The sidebar: which runs there are, which are shown, and how each one stands. */
export function RunList({ runs, listed, filter, filterError, onFilter, onSelect, onFocus }: RunListProps) {
  const [isOpen, setOpen] = useState(false);
  const selected = runs.filter(({ isSelected }) => isSelected).length;
  return (
    <nav class={isOpen ? "sidebar open" : "sidebar"} aria-label="Runs">
      <h2>
        Runs{" "}
        <span class="muted">
          {selected} of {runs.length} selected
        </span>
        <button type="button" class="small toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide" : "Show"}
        </button>
      </h2>
      <div class="sidebar-body">
        <Filter text={filter} error={filterError} onFilter={onFilter} />
        <SelectAll runs={listed} onSelect={onSelect} />
        {listed.length === 0 && <p class="muted note">No run matches the filter.</p>}
        <ul>
          {listed.map((run) => (
            <Row key={run.trace.id} run={run} onSelect={onSelect} onFocus={onFocus} />
          ))}
        </ul>
      </div>
    </nav>
  );
}

interface FilterProps {
  readonly text: string;
  readonly error: string | null;
  readonly onFilter: (text: string) => void;
}

function Filter({ text, error, onFilter }: FilterProps) {
  return (
    <>
      <input
        type="search"
        class={error ? "filter invalid" : "filter"}
        data-testid="filter"
        placeholder="Filter runs (regex)"
        aria-label="Filter runs by regular expression"
        aria-invalid={error !== null}
        value={text}
        onInput={(event) => onFilter(event.currentTarget.value)}
      />
      {error && (
        <p class="warning note" role="alert">
          {error}
        </p>
      )}
    </>
  );
}

function SelectAll({ runs, onSelect }: { runs: readonly Run[]; onSelect: RunListProps["onSelect"] }) {
  if (runs.length < 2) return null;
  const selected = runs.filter(({ isSelected }) => isSelected).length;
  const ids = runs.map(({ trace }) => trace.id);
  return (
    <label class="select-all">
      <input
        type="checkbox"
        checked={selected === runs.length}
        indeterminate={selected > 0 && selected < runs.length}
        onChange={(event) => onSelect(ids, event.currentTarget.checked)}
      />
      All runs
    </label>
  );
}

interface RowProps {
  readonly run: Run;
  readonly onSelect: RunListProps["onSelect"];
  readonly onFocus: RunListProps["onFocus"];
}

function Row({ run, onSelect, onFocus }: RowProps) {
  const { trace, label, color, isSelected } = run;
  const { id, status } = trace;
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
        <span class="dot" style={{ background: color }} />
        <span class="run-name">{trace.run}</span>
        <span class="run-meta">{describe(run)}</span>
        <Status run={run} />
      </label>
    </li>
  );
}

function Status({ run: { trace, error } }: { run: Run }) {
  const { status, statusText, rows, numSteps } = trace;
  const isWarning = error !== null || WARNINGS.includes(status);
  const sentence = error ?? statusText;
  return (
    <>
      <span class={`run-status ${isWarning ? "warning" : status}`} data-testid="run-status" title={sentence}>
        {error ?? brief(trace)}
      </span>
      {status === "running" && numSteps !== null && hasRowPerStep(trace) && (
        <progress max={numSteps} value={rows} aria-label={`${rows} of ${numSteps} steps`} />
      )}
    </>
  );
}

/** How a run ended, in a few words where the table of suggestions has the sentence; the sentence itself elsewhere. */
function brief(trace: Trace): string {
  const { status, statusText, rows, numSteps } = trace;
  const ended = ENDED[status];
  if (ended === undefined || rows === 0 || !hasRowPerStep(trace)) return statusText;
  return `${ended} · ${numSteps === null ? rows : `${rows} of ${numSteps}`} steps`;
}

/** Trainings are recorded thinned, and plans are not trained at all: their rows do not count steps. */
function hasRowPerStep({ kind }: Trace): boolean {
  return kind === "range_test";
}

function describe({ trace: { kind, driver, optimizer, batchSize }, start }: Run): string {
  const batch = batchSize === null ? null : `batch ${batchSize}`;
  const parts = [start, kind === "plan" ? "plan" : null, driver, optimizer, batch];
  return parts.filter((part) => part !== null).join(" · ");
}
