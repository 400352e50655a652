import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount } from "../base/numbers";
import { useNearViewport } from "../widgets/viewport";
import { type RunActions, RunRow } from "./RunRow";
import type { Run } from "./run";
import { SelectSeveral } from "./SelectSeveral";

/** The number of rows that are mounted and unmounted together while the list is scrolled. */
const CHUNK = 50;
/** The estimated height of a row before it is first mounted, in pixels. */
const ROW_HEIGHT = 68;

export interface RunListProps extends RunActions {
  readonly runs: readonly Run[];
  /** The runs that the filter lets through. */
  readonly listed: readonly Run[];
  /** The number of runs that the server does not list. */
  readonly omitted: number;
  readonly filter: string;
  readonly filterError: string | null;
  readonly onFilter: (text: string) => void;
  /** The choice of groups. */
  readonly children: ComponentChildren;
}

/** The sidebar: all runs with their status, and which of them are chosen. */
export function RunList({ runs, listed, omitted, filter, filterError, onFilter, children, ...actions }: RunListProps) {
  const [isOpen, setOpen] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  // A new filter starts at the top of the list.
  useEffect(() => list.current!.scrollTo(0, 0), [filter]);
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
        {children}
        {listed.length > 1 && (
          <div class="select-all">
            <SelectSeveral runs={listed} onSelect={actions.onSelect}>
              All runs
            </SelectSeveral>
          </div>
        )}
        {listed.length === 0 && <p class="muted note">No run matches the filter.</p>}
        <div ref={list} class="runs">
          {chunksOf(listed).map((chunk, index) => (
            <Chunk key={`${index} ${chunk.length}`} runs={chunk} {...actions} />
          ))}
        </div>
        {omitted > 0 && (
          <p class="muted note omitted" data-testid="omitted">
            {formatCount(omitted)} more {omitted === 1 ? "run is" : "runs are"} not listed. To see them, open
            TensorBoard on a subdirectory.
          </p>
        )}
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

function chunksOf(runs: readonly Run[]): (readonly Run[])[] {
  return Array.from({ length: Math.ceil(runs.length / CHUNK) }, (_, index) =>
    runs.slice(CHUNK * index, CHUNK * (index + 1)),
  );
}

/** Some rows, mounted while they are near the viewport. */
function Chunk({ runs, ...actions }: RunActions & { readonly runs: readonly Run[] }) {
  const { ref, isNear, height } = useNearViewport<HTMLUListElement>();
  return (
    <ul ref={ref} style={{ minHeight: isNear ? "" : `${height || runs.length * ROW_HEIGHT}px` }}>
      {isNear && runs.map((run) => <RunRow key={run.trace.id} run={run} {...actions} />)}
    </ul>
  );
}
