import type { ComponentChildren } from "preact";
import type { Order } from "../chart/sweep/style";
import type { Points } from "../server/types";
import { Flag } from "../widgets/Flag";
import { NumberField } from "../widgets/NumberField";
import { Popover } from "../widgets/Popover";
import { ScaleChoice } from "../widgets/ScaleChoice";
import { Segments } from "../widgets/Segments";
import { Select } from "../widgets/Select";
import type { Options } from "./options";

const POINTS: readonly (readonly [Points, string])[] = [
  ["step", "Per step"],
  ["epoch", "Per epoch"],
];
const ORDERS: readonly (readonly [Order, string])[] = [
  ["listed", "As in the list of runs"],
  ["nearest", "Nearest first"],
  ["ascending", "Lowest first"],
  ["descending", "Highest first"],
];

export interface ChartOptionsProps {
  readonly options: Options;
  readonly onOption: <K extends keyof Options>(name: K, value: Options[K]) => void;
  /** Whether recorded values are shown: other than slopes, they can be dots and on a log axis. */
  readonly hasValues: boolean;
  /** Null where there is no choice. */
  readonly points: Points | null;
  readonly onPoints: (points: Points) => void;
  /** Options that come before all others. */
  readonly children: ComponentChildren;
}

/** The options of the chart that most people leave as they are. */
export function ChartOptions({ options, onOption, hasValues, points, onPoints, children }: ChartOptionsProps) {
  return (
    <Popover label="Chart options" testId="chart-options">
      {children}
      <ScaleChoice
        label="Learning rate axis"
        name="x-kind"
        value={options.x}
        onChange={(kind) => onOption("x", kind)}
      />
      {hasValues && (
        <ScaleChoice label="Value axis" name="y-kind" value={options.y} onChange={(kind) => onOption("y", kind)} />
      )}
      {points && <Segments label="Points" name="points" options={POINTS} value={points} onChange={onPoints} />}
      <Flag
        label="Leave out where it diverges"
        name="tail"
        value={options.isTailIgnored}
        onChange={(value) => onOption("isTailIgnored", value)}
      />
      {hasValues && (
        <Flag
          label="Show recorded values as dots"
          name="dots"
          value={options.hasDots}
          onChange={(value) => onOption("hasDots", value)}
        />
      )}
      <div class="field">
        Leave out
        <Count
          label="first"
          name="skip-start"
          value={options.skipStart}
          onChange={(rows) => onOption("skipStart", rows)}
        />
        <Count
          label="and last"
          name="skip-end"
          value={options.skipEnd}
          onChange={(rows) => onOption("skipEnd", rows)}
        />
        points
      </div>
      <label class="field">
        <span>Order in the tooltip</span>
        <Select testId="order" options={ORDERS} value={options.order} onChange={(order) => onOption("order", order)} />
      </label>
    </Popover>
  );
}

interface CountProps {
  readonly label: string;
  readonly name: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function Count({ label, name, value, onChange }: CountProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <NumberField
        id={name}
        value={value}
        min={0}
        step={1}
        onChange={(rows) => onChange(Math.max(0, Math.round(rows)))}
      />
    </div>
  );
}
