import { formatCount } from "../base/numbers";
import { Message } from "./messages";
import { allOf, type Run } from "./run";

interface NothingDrawnProps {
  /** The runs that the filter lets through, and those of them that are chosen. */
  readonly listed: readonly Run[];
  readonly shown: readonly Run[];
  readonly isFiltered: boolean;
  readonly isLoading: boolean;
  readonly onSelect: (ids: readonly string[], isSelected: boolean) => void;
}

/** The message in place of a chart that has no lines: it says why. */
export function NothingDrawn({ listed, shown, isFiltered, isLoading, onSelect }: NothingDrawnProps) {
  if (listed.length === 0) return <Message title="No run matches the filter" testId="state-none-selected" />;
  if (shown.length === 0) {
    return (
      <Message title="No run selected" testId="state-none-selected">
        {isFiltered ? (
          <Found runs={allOf(listed)} onSelect={onSelect} />
        ) : (
          <p>Tick a run in the list to see its curve.</p>
        )}
      </Message>
    );
  }
  if (isLoading) return <Message title="Loading the curves…" />;
  if (shown.some(({ trace }) => trace.status === "running")) {
    return (
      <Message title="Waiting for the first batch">
        <p>The curve appears as soon as the first steps are recorded.</p>
      </Message>
    );
  }
  return (
    <Message title="Nothing to draw">
      <p>None of the selected runs has values that can be read; the table says why.</p>
    </Message>
  );
}

/** The offer to choose what the filter finds. */
function Found({ runs, onSelect }: { readonly runs: readonly Run[] } & Pick<NothingDrawnProps, "onSelect">) {
  const ids = runs.map(({ trace }) => trace.id);
  const isOne = ids.length === 1;
  return (
    <>
      <p>The filter finds {isOne ? "1 run that is" : `${formatCount(ids.length)} runs that are`} not selected.</p>
      <button type="button" class="primary" data-testid="show-found" onClick={() => onSelect(ids, true)}>
        {isOne ? "Show it" : `Show these ${formatCount(ids.length)}`}
      </button>
    </>
  );
}
