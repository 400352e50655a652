import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Order } from "../comparison";
import type { SweepRun } from "../sweeps";
import { type ColumnName, fitting, lowestName, titlesOf } from "../table";
import { reveal } from "./reveal";
import { SuggestionRow } from "./SuggestionRow";

/** The time the pointer rests at a line before its row is scrolled into sight; rows must not follow every move. */
const REVEAL_MS = 150;
/** The most runs whose details are open by default. */
const TOLD_AT_MOST = 3;

interface SuggestionsProps {
  /** The shown runs, in the order of the table. */
  readonly runs: readonly SweepRun[];
  /** The number of runs in the view, shown or not. */
  readonly total: number;
  readonly columns: readonly ColumnName[];
  readonly order: Order;
  readonly onSort: (column: ColumnName) => void;
  /** The label of the chosen use. */
  readonly use: string;
  /** The label of the method that knows every use. */
  readonly recommended: string;
  /** The run that is put forward. */
  readonly front: string | null;
  /** The run under the pointer in a chart: its row is scrolled into sight. */
  readonly pointed: string | null;
  readonly onFocus: (id: string | null) => void;
  readonly onPlan: (id: string) => void;
  /** Opens a training that belongs to a test. */
  readonly onTraining: (id: string) => void;
}

/** The table of runs, each with the rate for the chosen use, and the reasons for it. */
export function Suggestions(props: SuggestionsProps) {
  const { runs, total, columns, order, onSort, use, recommended, front, pointed, onFocus, onPlan, onTraining } = props;
  const scroller = useRef<HTMLElement>(null);
  useEffect(() => {
    if (pointed === null) return;
    const timer = setTimeout(() => reveal(scroller.current!, pointed), REVEAL_MS);
    return () => clearTimeout(timer);
  }, [pointed]);
  const lowest = lowestName(runs);
  const titles = useMemo(() => titlesOf(columns, { lowest, use }), [columns, lowest, use]);
  const fitted = useMemo(() => fitting(columns), [columns]);
  return (
    <section ref={scroller} class="card suggestions" aria-label="Suggested learning rates">
      <table>
        <thead>
          <tr>
            {fitted.map((column) => (
              <Heading key={column} column={column} title={titles.get(column)!} order={order} onSort={onSort}>
                {column === "run" && (
                  <span class="count" data-testid="compared">
                    {runs.length} of {total}
                  </span>
                )}
              </Heading>
            ))}
          </tr>
        </thead>
        {runs.map((run) => (
          <SuggestionRow
            key={run.trace.id}
            run={run}
            columns={fitted}
            copied={columns}
            titles={titles}
            isTold={runs.length <= TOLD_AT_MOST}
            isFront={run.trace.id === front}
            reference={runs[0]!.isPinned ? (runs[0]!.use?.learningRate ?? null) : null}
            recommended={recommended}
            onFocus={onFocus}
            onPlan={onPlan}
            onTraining={onTraining}
          />
        ))}
      </table>
    </section>
  );
}

interface HeadingProps extends Pick<SuggestionsProps, "order" | "onSort"> {
  readonly column: ColumnName;
  readonly title: string;
  readonly children: ComponentChildren;
}

function Heading({ column, title, order, onSort, children }: HeadingProps) {
  const sort = order === column ? "ascending" : order === `-${column}` ? "descending" : "none";
  return (
    <th aria-sort={sort} data-column={column}>
      <button type="button" data-testid={`sort-${column}`} onClick={() => onSort(column)}>
        {title}
        <span aria-hidden="true">{{ ascending: "↑", descending: "↓", none: "" }[sort]}</span>
      </button>
      {children}
    </th>
  );
}
