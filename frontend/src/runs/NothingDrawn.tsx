import { Message } from "./messages";
import type { Run } from "./run";

interface NothingDrawnProps {
  readonly shown: readonly Run[];
  readonly isFiltered: boolean;
  readonly isLoading: boolean;
}

/** The message in place of a chart that has no lines: it says why. */
export function NothingDrawn({ shown, isFiltered, isLoading }: NothingDrawnProps) {
  if (isFiltered) return <Message title="No run matches the filter" testId="state-none-selected" />;
  if (shown.length === 0) {
    return (
      <Message title="No run selected" testId="state-none-selected">
        <p>Tick a run in the list to see its curve.</p>
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
