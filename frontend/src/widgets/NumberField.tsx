import { useState } from "preact/hooks";

interface NumberFieldProps {
  readonly value: number;
  readonly min: number;
  readonly max?: number;
  readonly step: number;
  readonly label?: string;
  /** The id for a separate label, and for tests. */
  readonly id?: string;
  readonly onChange: (value: number) => void;
}

/** A field for a number. A draft survives redrawing while it is typed; an empty field leaves the number as it was. */
export function NumberField({ value, min, max, step, label, id, onChange }: NumberFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <input
      type="number"
      id={id}
      data-testid={id}
      aria-label={label}
      min={min}
      max={max}
      step={step}
      value={draft ?? value}
      onInput={({ currentTarget }) => setDraft(currentTarget.value)}
      onChange={({ currentTarget }) => {
        if (currentTarget.value !== "") onChange(currentTarget.valueAsNumber);
        setDraft(null);
      }}
    />
  );
}
