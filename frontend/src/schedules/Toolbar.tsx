import type { ScaleKind } from "../chart/scales";
import { ChartToolbar } from "../widgets/ChartToolbar";
import { Flag } from "../widgets/Flag";
import { ScaleChoice } from "../widgets/ScaleChoice";
import { Select } from "../widgets/Select";
import { Slider } from "../widgets/Slider";
import type { XAxis } from "./lines";
import { MAX_SMOOTHING } from "./schedules";
import { X_LABELS } from "./xAxes";

/** Longer menus can be filtered. */
const SHORT_MENU = 15;

export interface ToolbarProps {
  readonly xAxis: XAxis;
  readonly onXAxis: (name: string) => void;
  readonly yScale: ScaleKind;
  readonly onYScale: (kind: ScaleKind) => void;
  readonly tags: readonly string[];
  /** Empty for none. */
  readonly tag: string;
  readonly onTag: (tag: string) => void;
  readonly tagFilter: string;
  readonly onTagFilter: (text: string) => void;
  readonly tagScale: ScaleKind;
  readonly onTagScale: (kind: ScaleKind) => void;
  readonly smoothing: number;
  readonly onSmoothing: (weight: number) => void;
  /** Null where there are no probes. */
  readonly hasBands: boolean | null;
  readonly onBands: (hasBands: boolean) => void;
  readonly isZoomed: boolean;
  readonly onResetZoom: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { xAxis, onXAxis, yScale, onYScale, hasBands, onBands, isZoomed, onResetZoom } = props;
  return (
    <ChartToolbar isZoomed={isZoomed} onResetZoom={onResetZoom}>
      <label class="field">
        Against
        <Select testId="x-axis" options={X_LABELS} value={xAxis} onChange={onXAxis} />
      </label>
      <ScaleChoice label="Learning rate" name="y-scale" value={yScale} onChange={onYScale} />
      {hasBands !== null && <Flag label="Bands" name="bands" value={hasBands} onChange={onBands} />}
      <OverlayChoice {...props} />
      {props.tag !== "" && <OverlayOptions {...props} />}
    </ChartToolbar>
  );
}

/** How the scalars are drawn. */
function OverlayOptions({ tagScale, onTagScale, smoothing, onSmoothing }: ToolbarProps) {
  return (
    <>
      <ScaleChoice label="Overlay's axis" name="overlay-scale" value={tagScale} onChange={onTagScale} />
      <Slider
        label="Smoothing"
        name="overlay-smoothing"
        kind="linear"
        range={[0, MAX_SMOOTHING]}
        value={smoothing}
        unit=""
        onChange={onSmoothing}
      />
    </>
  );
}

function OverlayChoice({ tags, tag, onTag, tagFilter, onTagFilter }: ToolbarProps) {
  const isLong = tags.length > SHORT_MENU;
  const fragment = isLong ? tagFilter.trim().toLowerCase() : "";
  const offered = tags.filter((name) => name === tag || name.toLowerCase().includes(fragment));
  return (
    <div class="field overlay-choice">
      <label for="overlay">Overlay</label>
      {isLong && (
        <input
          type="search"
          data-testid="overlay-filter"
          placeholder="Filter scalars"
          aria-label="Filter scalars"
          value={tagFilter}
          onInput={(event) => onTagFilter(event.currentTarget.value)}
        />
      )}
      <Select
        id="overlay"
        testId="overlay"
        options={[["", "None"], ...offered.map((name) => [name, name] as const)]}
        value={tag}
        onChange={onTag}
      />
    </div>
  );
}
