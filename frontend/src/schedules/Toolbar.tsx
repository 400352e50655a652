import { TAGS_AT_MOST } from "../chart/palette";
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
  readonly chosenTags: readonly string[];
  /** Takes the tag to have at an index, empty for none. */
  readonly onTag: (tag: string, index: number) => void;
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
      {hasBands !== null && <Flag label="Usable bands" name="bands" value={hasBands} onChange={onBands} />}
      <OverlayChoice {...props} />
      {props.chosenTags.length > 0 && <OverlayOptions {...props} />}
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

function OverlayChoice({ tags, chosenTags, onTag, tagFilter, onTagFilter }: ToolbarProps) {
  const isLong = tags.length > SHORT_MENU;
  const fragment = isLong ? tagFilter.trim().toLowerCase() : "";
  const offered = (chosen: string) =>
    tags.filter((name) => name === chosen || (!chosenTags.includes(name) && name.toLowerCase().includes(fragment)));
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
      {[...chosenTags, ""].slice(0, Math.min(TAGS_AT_MOST, tags.length)).map((tag, index) => (
        <Select
          key={index}
          id={index === 0 ? "overlay" : `overlay-${index + 1}`}
          testId={index === 0 ? "overlay" : "overlay-more"}
          aria-label={index === 0 ? "Overlay" : "A further overlay"}
          options={[
            ["", index === 0 ? "None" : tag === "" ? "and …" : "Remove"],
            ...offered(tag).map((name) => [name, name] as const),
          ]}
          value={tag}
          onChange={(chosen) => onTag(chosen, index)}
        />
      ))}
    </div>
  );
}
