import type { Layout } from "../model/comparison";
import { type Method, type Points, USES, type UseName } from "../model/types";
import { Segments } from "./Segments";
import { USE_LABELS } from "./uses";

const POINT_LABELS = [
  ["step", "Per step"],
  ["epoch", "Per epoch"],
] as const;

const LAYOUT_LABELS = [
  ["one", "One"],
  ["multiples", "Small multiples"],
] as const;

export interface ToolbarProps {
  readonly smoothing: number;
  readonly maxSmoothing: number;
  readonly onSmoothing: (weight: number) => void;
  readonly methods: readonly Method[];
  readonly method: string;
  readonly onMethod: (name: string) => void;
  readonly use: UseName;
  readonly onUse: (name: UseName) => void;
  /** Null where there is no choice. */
  readonly points: Points | null;
  readonly onPoints: (points: Points) => void;
  /** Null where there is nothing to lay out. */
  readonly layout: Layout | null;
  readonly onLayout: (layout: Layout) => void;
  readonly isZoomed: boolean;
  readonly onResetZoom: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { methods, method, onMethod, use, onUse, points, onPoints, layout, onLayout, isZoomed, onResetZoom } = props;
  const description = methods.find(({ name }) => name === method)?.description ?? "";
  return (
    <div class="toolbar" role="toolbar" aria-label="Chart">
      <Smoothing {...props} />
      <label class="field" title={description}>
        Suggestion
        <select
          data-testid="method"
          value={method}
          aria-describedby="method-description"
          onChange={(event) => onMethod(event.currentTarget.value)}
        >
          {methods.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <Segments
        label="Use"
        name="use"
        options={USES.map((name) => [name, USE_LABELS[name]])}
        value={use}
        onChange={onUse}
      />
      {points && <Segments label="Points" name="points" options={POINT_LABELS} value={points} onChange={onPoints} />}
      {layout && <Segments label="Charts" name="layout" options={LAYOUT_LABELS} value={layout} onChange={onLayout} />}
      <p id="method-description" class="muted">
        {description}
      </p>
      {isZoomed && (
        <button type="button" data-testid="reset-zoom" onClick={onResetZoom}>
          Reset zoom
        </button>
      )}
    </div>
  );
}

function Smoothing({ smoothing, maxSmoothing, onSmoothing }: ToolbarProps) {
  const shared = { min: 0, max: maxSmoothing, step: 0.01, value: smoothing };
  const change = (event: { currentTarget: HTMLInputElement }) => {
    if (event.currentTarget.value !== "") onSmoothing(event.currentTarget.valueAsNumber);
  };
  return (
    <div class="field">
      <label for="smoothing">Smoothing</label>
      <input
        id="smoothing"
        type="range"
        data-testid="smoothing"
        {...shared}
        style={{ "--share": `${(100 * smoothing) / maxSmoothing}%` }}
        onInput={change}
      />
      <input type="number" aria-label="Smoothing as a number" {...shared} onChange={change} />
    </div>
  );
}
