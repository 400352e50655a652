export interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly name: string;
  readonly options: readonly (readonly [T, string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A choice between a few options, all of them in view. */
export function Segments<T extends string>({ label, name, options, value, onChange }: SegmentsProps<T>) {
  const id = `${name}-label`;
  return (
    <div class="field" role="radiogroup" aria-labelledby={id} data-testid={name}>
      <span id={id}>{label}</span>
      <div class="segments">
        {options.map(([option, text]) => (
          <label key={option}>
            <input
              type="radio"
              name={name}
              value={option}
              checked={option === value}
              onChange={() => onChange(option)}
            />
            {text}
          </label>
        ))}
      </div>
    </div>
  );
}
