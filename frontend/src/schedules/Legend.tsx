import { formatNumber } from "../base/numbers";
import type { LegendEntry } from "../chart/export";
import { Marks } from "../chart/Marks";
import { Swatch } from "../chart/Swatch";
import type { Interval } from "../chart/scales";
import type { Overlay } from "../chart/schedule/lines";

interface LegendProps {
  /** What the marks of probes stand for. */
  readonly marks: readonly LegendEntry[];
  readonly overlays: readonly Overlay[];
  /** The tags that are not drawn on the right axis, with the range that fills the height of the chart. */
  readonly own: ReadonlyMap<string, Interval>;
  readonly notes: readonly string[];
}

/** The marks of probes, the runs of the thin lines, which are scalars, and notes about what could not be drawn. */
export function Legend({ marks, overlays, own, notes }: LegendProps) {
  if (marks.length === 0 && overlays.length === 0 && notes.length === 0) return null;
  return (
    <div class="legend">
      {marks.length > 0 && <Marks marks={marks} />}
      {[...Map.groupBy(overlays, ({ tag }) => tag)].map(([tag, some]) => (
        <ul key={tag} data-testid="overlay-legend">
          <li>{describe(tag, own.get(tag))}</li>
          {some.map(({ id, run, color, dash }) => (
            <li key={id}>
              <Swatch color={color} dash={dash} />
              {run}
            </li>
          ))}
        </ul>
      ))}
      {notes.map((note) => (
        <p key={note} class="muted" data-testid="schedule-note">
          {note}
        </p>
      ))}
    </div>
  );
}

/** How a scalar is drawn: the height of a line on the axis says its value, that of another one only how it changes. */
function describe(tag: string, own: Interval | undefined): string {
  if (!own) return `${tag}, on the right axis:`;
  const [bottom, top] = own.map((value) => formatNumber(value, 2));
  return `${tag}, not on the axis, from ${bottom} at the bottom to ${top} at the top:`;
}
