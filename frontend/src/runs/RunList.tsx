import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount } from "../base/numbers";
import { useNearViewport } from "../widgets/viewport";
import { type RunActions, RunRow } from "./RunRow";
import { allOf, type Run } from "./run";
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
  return (
    <nav class={isOpen ? "sidebar open" : "sidebar"} aria-label="Runs">
      <h2>
        Runs{" "}
        <span class="muted" data-testid="selected">
          {countSelected(runs, listed)}
        </span>
        <button type="button" class="small toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide" : "Show"}
        </button>
      </h2>
      <div class="sidebar-body">
        <Filter text={filter} error={filterError} onFilter={onFilter} />
        {children}
        {listed.length > 1 && <SelectAll listed={listed} onSelect={actions.onSelect} />}
        {listed.length === 0 && <p class="muted note">No run matches the filter.</p>}
        <div ref={list} class="runs">
          {stretchesOf(listed).map(({ probes, runs }, index) => {
            const List = probes === null ? Chunks : Probes;
            return <List key={`${index} ${probes}`} runs={runs} {...actions} />;
          })}
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

/** The number of runs that are selected, among those that a filter finds. */
function countSelected(runs: readonly Run[], listed: readonly Run[]): string {
  const hasFound = listed.length > 0 && listed.length < runs.length;
  const counted = hasFound ? listed : runs;
  const selected = counted.filter(({ isSelected }) => isSelected).length;
  return `${selected} of ${counted.length} ${hasFound ? "matches " : ""}selected`;
}

const FILTER =
  "Filter runs by a regular expression, found in the name, in a setting such as batch_size=64, in a note or in a tag";

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
        placeholder="Name, width=64, tag (regex)"
        title={FILTER}
        aria-label={FILTER}
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

/** The choice of all runs; probes are not among those it chooses as long as there are others. */
function SelectAll({ listed, onSelect }: Pick<RunListProps, "listed" | "onSelect">) {
  const select = (ids: readonly string[], isSelected: boolean) =>
    onSelect(isSelected ? ids : listed.map(({ trace }) => trace.id), isSelected);
  return (
    <div class="select-all" data-testid="select-all">
      <SelectSeveral runs={allOf(listed)} onSelect={select}>
        All runs
      </SelectSeveral>
    </div>
  );
}

/** Runs that stand together in the list; `probes` is the run whose probes they are, null for others. */
interface Stretch {
  readonly probes: string | null;
  readonly runs: Run[];
}

function stretchesOf(listed: readonly Run[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const run of listed) {
    const probes = run.trace.probe ? run.trace.run : null;
    const last = stretches.at(-1);
    if (last?.probes === probes) last.runs.push(run);
    else stretches.push({ probes, runs: [run] });
  }
  return stretches;
}

/** The probes of one run under one heading. Folded, only those that are chosen are listed. */
function Probes({ runs, ...actions }: RunActions & Pick<Stretch, "runs">) {
  const [isOpen, setOpen] = useState(false);
  const name = runs[0]!.trace.run;
  const hidden = runs.filter(({ isSelected }) => !isSelected).length;
  return (
    <section class="probes" data-testid="probes" data-run={name} aria-label={`Probes in ${name}`}>
      <div class="probes-head">
        <SelectSeveral runs={runs} onSelect={actions.onSelect}>
          <span class="run-name" title={name}>
            {name}
          </span>
        </SelectSeveral>
        <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide" : hidden === runs.length ? `${hidden} probes` : `${hidden} more`}
        </button>
      </div>
      <Chunks runs={isOpen ? runs : runs.filter(({ isSelected }) => isSelected)} {...actions} />
    </section>
  );
}

function Chunks({ runs, ...actions }: RunActions & Pick<RunListProps, "runs">) {
  return (
    <>
      {chunksOf(runs).map((chunk, index) => (
        <Chunk key={`${index} ${chunk.length}`} runs={chunk} {...actions} />
      ))}
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
