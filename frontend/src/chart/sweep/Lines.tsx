import { useMemo } from "preact/hooks";
import { isCrowd } from "../labelLanes";
import type { Frame, Scales } from "../scales";
import { Dots, Line } from "./Line";
import type { Series } from "./series";

/** More dots than this cost more time than they tell. */
const DOTS_AT_MOST = 6_000;
const DOTS_PER_COLUMN = 4;
/** Columns wider than this would leave no cloud, but a pattern. */
const WIDEST_COLUMN = 24;

interface LinesProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  readonly hasDots: boolean;
  /** The run that is put forward. */
  readonly front: string | null;
}

/**
 * All runs, with dots and lines each in a layer of their own: smoothing leaves the dots as they are painted, and a run is
 * put forward by fading whole layers beneath a second copy of it. `Layered` does the same, but here the layers are memoized,
 * since pointing must not even compare this many paths.
 */
export function Lines({ series, scales, hasDots, front }: LinesProps) {
  const width = hasDots ? columnWidth(series.length, scales.frame) : null;
  const dots = useMemo(() => series.map((entry) => dotsOf(entry, scales, width, "raw")), [series, scales, width]);
  const lines = useMemo(() => series.map((entry) => lineOf(entry, scales, "curve")), [series, scales]);
  const ahead = series.find(({ id }) => id === front);
  const layer = `layer${isCrowd(series.length) ? " thin" : ""}${ahead ? " faded" : ""}`;
  return (
    <>
      <g class={`dots ${layer}`}>{dots}</g>
      <g class={`lines ${layer}`}>{lines}</g>
      {ahead && <g class="dots">{dotsOf(ahead, scales, width, "front-raw")}</g>}
      {ahead && <g class="lines">{lineOf(ahead, scales, "front")}</g>}
    </>
  );
}

/** The width of columns that keeps the dots of all runs few; null where no dots should be drawn. */
function columnWidth(runs: number, { left, right }: Frame): number | null {
  const width = Math.max(1, (DOTS_PER_COLUMN * (right - left) * runs) / DOTS_AT_MOST);
  return width > WIDEST_COLUMN ? null : width;
}

function dotsOf(series: Series, scales: Scales, width: number | null, testId: string) {
  return (
    width !== null &&
    !series.group && <Dots key={series.id} series={series} scales={scales} width={width} testId={testId} />
  );
}

function lineOf(series: Series, scales: Scales, testId: string) {
  return <Line key={series.id} series={series} scales={scales} testId={testId} />;
}
