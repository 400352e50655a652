import { Swatch } from "../chart/Swatch";
import type { Domain } from "../chart/scales";
import { SweepChart, type SweepChartProps } from "../chart/sweep/SweepChart";
import type { SweepStyle } from "../chart/sweep/style";
import { memo } from "../widgets/memo";
import { useNearViewport } from "../widgets/viewport";
import type { Panel } from "./panels";

type Shared = Pick<SweepChartProps, "focused" | "preferred" | "zoom" | "onZoom"> & {
  readonly sweepStyle: SweepStyle;
  /** The common domain of all panels, so that they can be compared. */
  readonly domain: Domain;
  readonly onPoint: (id: string | null) => void;
};

interface MultiplesProps extends Shared {
  readonly panels: readonly Panel[];
}

/** A small chart for each run or group, all of them over the same axes. */
export function Multiples({ panels, focused, ...shared }: MultiplesProps) {
  return (
    <div class="multiples" data-testid="multiples">
      {panels.map((panel) => (
        <Multiple
          key={panel.key}
          panel={panel}
          focused={panel.series.some(({ id }) => id === focused) ? focused : null}
          {...shared}
        />
      ))}
    </div>
  );
}

const Multiple = memo(({ panel, onPoint, ...shared }: Shared & { readonly panel: Panel }) => {
  const { id, name, note, color, dash, series } = panel;
  const { ref, isNear } = useNearViewport<HTMLElement>();
  const point = () => id !== null && onPoint(id);
  return (
    <figure
      ref={ref}
      class={shared.focused === null ? "" : "front"}
      data-testid="multiple"
      data-id={id}
      onPointerEnter={point}
      onFocusIn={point}
      onPointerLeave={() => onPoint(null)}
      onFocusOut={() => onPoint(null)}
    >
      <figcaption>
        <Swatch color={color} dash={dash} />
        <span class="run-name" title={name}>
          {name}
        </span>
        <b>{note}</b>
      </figcaption>
      {isNear && <SweepChart {...shared} series={series} compact {...(id === null && { onPoint })} />}
    </figure>
  );
});
