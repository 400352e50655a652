interface SelectProps<T extends string> {
  readonly testId: string;
  readonly options: readonly (readonly [T, string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly id?: string;
  readonly "aria-label"?: string;
  readonly "aria-describedby"?: string;
  readonly "data-name"?: string;
}

/** A choice from a menu. */
export function Select<T extends string>({ testId, options, value, onChange, ...attributes }: SelectProps<T>) {
  return (
    <select
      {...attributes}
      data-testid={testId}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value as T)}
    >
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
