import { useId, useState } from "preact/hooks";
import { type ColumnName, factOf } from "../model/columns";
import type { SweepRun } from "../model/view";
import { ConfidenceChip } from "./ConfidenceChip";
import { CopyButton } from "./CopyButton";
import { CopyCode } from "./CopyCode";
import { memo } from "./memo";
import { SuggestionDetails } from "./SuggestionDetails";
import { Swatch } from "./Swatch";

interface RowProps {
  readonly run: SweepRun;
  readonly columns: readonly ColumnName[];
  readonly titles: Readonly<Record<ColumnName, string>>;
  /** Whether the words are there unasked. */
  readonly isTold: boolean;
  readonly isFront: boolean;
  readonly recommended: string;
  readonly onFocus: (id: string | null) => void;
  readonly onPlan: (id: string) => void;
}

/** One run: its numbers, and below them what they mean. */
export const SuggestionRow = memo((props: RowProps) => {
  const { run, columns, titles, isTold, isFront, recommended, onFocus, onPlan } = props;
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
              {run.start && <span class="start muted">{run.start}</span>}
            </th>
          ) : (
            <Cell key={column} run={run} column={column} title={titles[column]} onPlan={onPlan} />
          ),
        )}
        <td>
          <CopyButton
            word="Copy row"
            label={`Copy the row of ${run.label}`}
            testId="copy-row"
            text={tabbed(run, columns, titles)}
          />
        </td>
      </tr>
      {isOpen && (
        <tr id={details}>
          <td class="details-cell" colSpan={columns.length + 1}>
            <SuggestionDetails run={run} recommended={recommended} />
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
  readonly onPlan: (id: string) => void;
}

function Cell({ run, column, title, onPlan }: CellProps) {
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
          <CopyCode run={run} />
          {run.suggestion?.learningRate != null && (
            <button
              type="button"
              class="quiet"
              data-testid="plan-from"
              title={`Plan a schedule with the rates of ${run.label}`}
              onClick={() => onPlan(run.trace.id)}
            >
              Plan
            </button>
          )}
        </td>
      );
    case "confidence":
      return (
        <td {...shared}>
          {run.suggestion?.confidence ? (
            <ConfidenceChip confidence={run.suggestion.confidence} probability={run.suggestion.probability} />
          ) : (
            text
          )}
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

/** For a spreadsheet: the titles, and below them the values in all their digits. */
function tabbed(run: SweepRun, columns: readonly ColumnName[], titles: RowProps["titles"]): string {
  const lines = [columns.map((column) => titles[column]), columns.map((column) => factOf(run, column)?.exact ?? "")];
  return lines.map((cells) => cells.map((cell) => cell.replaceAll(/\s+/g, " ")).join("\t")).join("\n");
}
