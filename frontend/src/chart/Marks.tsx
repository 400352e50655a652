import { Swatch, type SwatchProps } from "./Swatch";

interface MarksProps {
  readonly marks: readonly (SwatchProps & { readonly label: string })[];
}

/** What the marks of a chart stand for. */
export function Marks({ marks }: MarksProps) {
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
