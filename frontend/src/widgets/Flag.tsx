interface FlagProps {
  readonly label: string;
  readonly name: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}

/** A choice between yes and no. */
export function Flag({ label, name, value, onChange }: FlagProps) {
  return (
    <label class="field">
      <input
        type="checkbox"
        data-testid={name}
        checked={value}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {label}
    </label>
  );
}
