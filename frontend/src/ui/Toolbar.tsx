import { type Method, USES, type UseName } from "../model/types";
import { USE_LABELS } from "./uses";

export interface ToolbarProps {
  readonly smoothing: number;
  readonly maxSmoothing: number;
  readonly onSmoothing: (weight: number) => void;
  readonly methods: readonly Method[];
  readonly method: string;
  readonly onMethod: (name: string) => void;
  readonly use: UseName;
  readonly onUse: (name: UseName) => void;
  readonly isZoomed: boolean;
  readonly onResetZoom: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { methods, method, onMethod, use, onUse, isZoomed, onResetZoom } = props;
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
      <UseChoice use={use} onUse={onUse} />
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

function UseChoice({ use, onUse }: Pick<ToolbarProps, "use" | "onUse">) {
  return (
    <div class="field" role="radiogroup" aria-labelledby="use-label" data-testid="use">
      <span id="use-label">Use</span>
      <div class="segments">
        {USES.map((name) => (
          <label key={name}>
            <input type="radio" name="use" value={name} checked={name === use} onChange={() => onUse(name)} />
            {USE_LABELS[name]}
          </label>
        ))}
      </div>
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
