import { useId, useState } from "preact/hooks";
import { formatNumber } from "../../base/numbers";
import { Swatch } from "../../chart/Swatch";
import { CopyButton } from "../../widgets/CopyButton";
import { memo } from "../../widgets/memo";
import type { SweepRun } from "../sweeps";
import { type ColumnName, factOf, type Titles } from "../table";
import { ConfidenceChip } from "./ConfidenceChip";
import { SuggestionActions } from "./SuggestionActions";
import { SuggestionDetails } from "./SuggestionDetails";

interface RowProps {
  readonly run: SweepRun;
  readonly columns: readonly ColumnName[];
  /** The columns to copy: all that there are. */
  readonly copied: readonly ColumnName[];
  readonly titles: Titles;
  /** Whether the details are open by default. */
  readonly isTold: boolean;
  readonly isFront: boolean;
  /** The rate of the pinned run; null without one. */
  readonly reference: number | null;
  readonly recommended: string;
  readonly onFocus: (id: string | null) => void;
  readonly onPlan: (id: string) => void;
  readonly onTraining: (id: string) => void;
}

/** One run: its numbers, and below them their explanation. */
export const SuggestionRow = memo((props: RowProps) => {
  const { run, columns, copied, titles, isTold, isFront, reference, recommended, onFocus, onPlan, onTraining } = props;
  const { id } = run.trace;
  const [choice, setChoice] = useState<boolean | null>(null);
  const isOpen = choice ?? isTold;
  const details = useId();
  return (
    <tbody
      class={isFront ? "front" : ""}
      data-testid="suggestion-row"
      data-id={id}
      onPointerEnter={() => onFocus(id)}
      onPointerLeave={() => onFocus(null)}
      onFocusIn={() => onFocus(id)}
      onFocusOut={() => onFocus(null)}
    >
      <tr>
        {columns.map((column) =>
          column === "run" ? (
            <th key={column} scope="row" title={run.label}>
              <button
                type="button"
                class="fold"
                data-testid="details"
                aria-label={`Details of ${run.label}`}
                aria-expanded={isOpen}
                aria-controls={details}
                onClick={() => setChoice(!isOpen)}
              />
              <Swatch color={run.color} dash={run.dash} />
              {run.trace.run}
              {run.apart && <span class="apart muted">{run.apart}</span>}
            </th>
          ) : (
            <Cell key={column} run={run} column={column} title={titles.get(column)!} reference={reference} />
          ),
        )}
      </tr>
      {isOpen && (
        <tr id={details}>
          <td class="details-cell" colSpan={columns.length}>
            <SuggestionDetails run={run} recommended={recommended} onTraining={onTraining}>
              <SuggestionActions run={run} columns={copied} titles={titles} onPlan={onPlan} />
            </SuggestionDetails>
          </td>
        </tr>
      )}
    </tbody>
  );
});

interface CellProps {
  readonly run: SweepRun;
  readonly column: ColumnName;
  readonly title: string;
  readonly reference: number | null;
}

function Cell({ run, column, title, reference }: CellProps) {
  const fact = factOf(run, column);
  const { text = "–", exact = "" } = fact ?? {};
  const shared = { "data-column": column, "data-label": title, class: fact ? "" : "none" };
  switch (column) {
    case "rate":
      return (
        <td {...shared}>
          <b data-testid="suggestion-rate" title={exact}>
            {text}
          </b>
          {fact && <CopyButton text={exact} label={`Copy ${exact}`} testId="copy-rate" />}
          {run.use && reference !== null && !run.isPinned && (
            <span class="apart muted" data-testid="times" title="times the rate of the pinned run">
              ×{formatNumber(run.use.learningRate / reference, 2)}
            </span>
          )}
        </td>
      );
    case "confidence":
      return (
        <td {...shared}>
          {run.suggestion?.confidence ? <ConfidenceChip confidence={run.suggestion.confidence} /> : text}
        </td>
      );
    default:
      return (
        <td {...shared} title={exact} data-testid={`suggestion-${column}`}>
          {text}
        </td>
      );
  }
}
