import type { LegendEntry } from "../chart/export";
import { Marks } from "../chart/Marks";
import { Swatch } from "../chart/Swatch";
import type { Overlay } from "../chart/schedule/lines";

interface LegendProps {
  /** What the marks of probes stand for. */
  readonly marks: readonly LegendEntry[];
  readonly overlays: readonly Overlay[];
  readonly notes: readonly string[];
}

/** The marks of probes, the runs of the thin lines, which are scalars, and notes about what could not be drawn. */
export function Legend({ marks, overlays, notes }: LegendProps) {
  if (marks.length === 0 && overlays.length === 0 && notes.length === 0) return null;
  return (
    <div class="legend">
      {marks.length > 0 && <Marks marks={marks} />}
      {overlays.length > 0 && (
        <ul aria-label={`${overlays[0]!.tag}, on the right axis`}>
          {overlays.map(({ id, run, color, dash }) => (
            <li key={id}>
              <Swatch color={color} dash={dash} />
              {run}
            </li>
          ))}
        </ul>
      )}
      {notes.map((note) => (
        <p key={note} class="muted" data-testid="schedule-note">
          {note}
        </p>
      ))}
    </div>
  );
}
