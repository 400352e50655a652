import type { LegendEntry } from "./export";
import { Swatch } from "./Swatch";

/** What the marks of a chart stand for. */
export function Marks({ marks }: { marks: readonly LegendEntry[] }) {
  return (
    <ul aria-label="Marks" data-testid="marks">
      {marks.map((mark) => (
        <li key={mark.label}>
          <Swatch {...mark} />
          {mark.label}
        </li>
      ))}
    </ul>
  );
}
