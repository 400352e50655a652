import type { Interval, ScaleKind } from "../chart/scales";
import { placeOf, valueAtPlace } from "../chart/scales";
import { NumberField } from "./NumberField";

const DIGITS = 2;

interface SliderProps {
  readonly label: string;
  readonly name: string;
  readonly kind: ScaleKind;
  readonly range: Interval;
  readonly value: number;
  /** Empty for plain numbers. */
  readonly unit: string;
  readonly onChange: (value: number) => void;
}

/** A number to drag or to type; equal distances are equal ratios on a log scale. */
export function Slider({ label, name, kind, range, value, unit, onChange }: SliderProps) {
  const [least, most] = range.map((end) => placeOf(end, kind)) as [number, number];
  const place = placeOf(value, kind);
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        type="range"
        data-testid={name}
        min={least}
        max={most}
        step={kind === "log" ? "any" : 0.01}
        value={place}
        aria-valuetext={`${value} ${unit}`}
        style={{ "--share": `${(100 * (place - least)) / (most - least)}%` }}
        onInput={({ currentTarget }) =>
          onChange(Number(valueAtPlace(currentTarget.valueAsNumber, kind).toPrecision(DIGITS)))
        }
      />
      <NumberField
        label={`${label} as a number`}
        min={range[0]}
        max={range[1]}
        step={0.01}
        value={value}
        onChange={onChange}
      />
      {unit}
    </div>
  );
}
