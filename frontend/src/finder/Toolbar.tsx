import { listNames } from "../base/lists";
import type { Quantity } from "../chart/sweep/series";
import type { Method, UseLabel, UseName } from "../server/types";
import { ChartToolbar } from "../widgets/ChartToolbar";
import { useNarrow } from "../widgets/narrow";
import { Segments } from "../widgets/Segments";
import { Select } from "../widgets/Select";
import { Slider } from "../widgets/Slider";
import { ChartOptions, type ChartOptionsProps } from "./ChartOptions";
import type { Layout } from "./comparison";
import { MAX_SMOOTHING, SIGMAS } from "./finder";

const QUANTITY_LABELS = [
  ["value", "Curve"],
  ["slope", "Slope"],
] as const;

const LAYOUT_LABELS: Readonly<Record<Layout, string>> = {
  one: "One",
  multiples: "Small multiples",
  means: "Mean and range",
};

export interface ToolbarProps extends Omit<ChartOptionsProps, "hasValues" | "children"> {
  readonly quantity: Quantity;
  readonly onQuantity: (quantity: Quantity) => void;
  /** The recorded columns. */
  readonly columns: readonly string[];
  /** The column to show; empty for the monitored one. */
  readonly column: string;
  /** The column that all shown runs with values monitor; null where they monitor different ones. */
  readonly monitored: string | null;
  readonly onColumn: (name: string) => void;
  readonly smoothing: number;
  readonly onSmoothing: (weight: number) => void;
  /** The smoothing of slopes, in decades. */
  readonly sigma: number;
  readonly onSigma: (decades: number) => void;
  readonly methods: readonly Method[];
  /** The chosen method; empty for those that the tests recorded. */
  readonly method: string;
  readonly recordedMethods: readonly Method[];
  readonly onMethod: (name: string) => void;
  readonly uses: readonly UseLabel[];
  readonly use: UseName;
  readonly onUse: (name: UseName) => void;
  /** Those to choose from; none where there is nothing to lay out. */
  readonly layouts: readonly Layout[];
  readonly layout: Layout;
  readonly onLayout: (layout: Layout) => void;
  readonly isZoomed: boolean;
  readonly onResetZoom: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { quantity, uses, use, onUse, isZoomed, onResetZoom } = props;
  const isNarrow = useNarrow();
  return (
    <ChartToolbar isZoomed={isZoomed} onResetZoom={onResetZoom}>
      {!isNarrow && <ValueChoice {...props} />}
      <Smoothing {...props} />
      {!isNarrow && <MethodChoice {...props} />}
      <Segments
        label="Purpose"
        name="use"
        options={uses.map(({ name, label }) => [name, label])}
        value={use}
        onChange={onUse}
      />
      {!isNarrow && <LayoutChoice {...props} />}
      <ChartOptions {...props} hasValues={quantity === "value"}>
        {isNarrow && (
          <>
            <ValueChoice {...props} />
            <MethodChoice {...props} />
            <LayoutChoice {...props} />
          </>
        )}
      </ChartOptions>
    </ChartToolbar>
  );
}

function ValueChoice(props: ToolbarProps) {
  return (
    <>
      <Segments label="Show" name="show" options={QUANTITY_LABELS} value={props.quantity} onChange={props.onQuantity} />
      <ColumnChoice {...props} />
    </>
  );
}

/**
 * The choice of a method. "As recorded" is an option of its own where some test recorded another method than the default.
 */
function MethodChoice({ methods, method, recordedMethods, onMethod }: ToolbarProps) {
  const [usual] = methods;
  const isUsual = recordedMethods.every(({ name }) => name === usual?.name);
  const inForce = method === "" && isUsual ? usual : methods.find(({ name }) => name === method);
  const named = methods.map(({ name, label }) => [name, label] as const);
  const recorded = listNames(recordedMethods.map(({ label }) => label));
  const asRecorded = recordedMethods.length === 1 ? `As recorded: ${recorded}` : "As recorded";
  const description = inForce?.description ?? `Each run by the method that its test recorded: ${recorded}.`;
  return (
    <>
      <label class="field" title={description}>
        Method
        <Select
          testId="method"
          options={isUsual ? named : [["", asRecorded], ...named]}
          value={inForce?.name ?? ""}
          aria-describedby="method-description"
          onChange={onMethod}
        />
      </label>
      <p id="method-description" class="unseen">
        {description}
      </p>
    </>
  );
}

function LayoutChoice({ layouts, layout, onLayout }: ToolbarProps) {
  if (layouts.length === 0) return null;
  const options = layouts.map((name) => [name, LAYOUT_LABELS[name]] as const);
  return <Segments label="Charts" name="layout" options={options} value={layout} onChange={onLayout} />;
}

/** The choice of a column. Where the runs monitor different ones, the first option stands for all of these. */
function ColumnChoice({ columns, column, monitored, onColumn }: ToolbarProps) {
  const chosen = column === monitored ? "" : column;
  const others = [...new Set([...columns, chosen])].filter((name) => name !== monitored && name !== "");
  if (others.length === 0) return null;
  return (
    <label class="field">
      Value
      <Select
        testId="column"
        options={[["", monitored ?? "What each run monitors"], ...others.map((name) => [name, name] as const)]}
        value={chosen}
        onChange={onColumn}
      />
    </label>
  );
}

function Smoothing({ quantity, smoothing, onSmoothing, sigma, onSigma }: ToolbarProps) {
  return quantity === "value" ? (
    <Slider
      label="Smoothing"
      name="smoothing"
      kind="linear"
      range={[0, MAX_SMOOTHING]}
      value={smoothing}
      unit=""
      onChange={onSmoothing}
    />
  ) : (
    <Slider
      label="Smoothing"
      name="slope-smoothing"
      kind="log"
      range={SIGMAS}
      value={sigma}
      unit="decades"
      onChange={onSigma}
    />
  );
}
