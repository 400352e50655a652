import { CopyButton } from "../../widgets/CopyButton";
import type { SweepRun } from "../sweeps";
import { type ColumnName, factOf, type Titles } from "../table";

interface SuggestionActionsProps {
  readonly run: SweepRun;
  readonly columns: readonly ColumnName[];
  readonly titles: Titles;
  readonly onPlan: (id: string) => void;
}

/** The buttons below a suggestion: copy it for a program or a spreadsheet, or plan a schedule with it. */
export function SuggestionActions({ run, columns, titles, onPlan }: SuggestionActionsProps) {
  const { trace, label, code, suggestion } = run;
  return (
    <p class="actions">
      {code && <CopyButton word="Copy code" text={code} label={`Copy code: ${code}`} testId="copy-code" />}
      <CopyButton
        word="Copy row"
        label={`Copy row of ${label}`}
        testId="copy-row"
        text={tabbed(run, columns, titles)}
      />
      {suggestion?.learningRate != null && (
        <button
          type="button"
          class="small"
          data-testid="plan-from"
          title={`Plan a schedule with the rates of ${label}`}
          onClick={() => onPlan(trace.id)}
        >
          Plan a schedule
        </button>
      )}
    </p>
  );
}

/** The titles and, on a second line, the exact values; all separated by tabs. */
function tabbed(run: SweepRun, columns: readonly ColumnName[], titles: Titles): string {
  const lines = [
    columns.map((column) => titles.get(column)!),
    columns.map((column) => factOf(run, column)?.exact ?? ""),
  ];
  return lines.map((cells) => cells.map((cell) => cell.replaceAll(/\s+/g, " ")).join("\t")).join("\n");
}
