import { useMemo } from "preact/hooks";
import { dotsPath, fallen, linePath, project } from "../path";
import { coordinates, type Scale, type Scales } from "../scales";
import type { Overlay, RateChange, ScheduleLine } from "./lines";

/** The most values of which a scalar shows each one as a dot. */
const DOTS_AT_MOST = 100;

interface LineProps {
  readonly line: ScheduleLine;
  readonly scales: Scales;
}

/** The learning rate of one run; dashed where it is a plan. */
export function RateLine({ line: { id, color, dash, isPlan, isPinned, xs, rates }, scales }: LineProps) {
  const path = useMemo(() => {
    const { x, y, frame } = scales;
    return linePath(project(coordinates(xs, x), fallen(coordinates(rates, y)), frame));
  }, [xs, rates, scales]);
  return (
    <g
      class={`run${isPlan ? " plan" : ""}${isPinned ? " pinned" : ""}`}
      style={{ stroke: color, strokeDasharray: dash }}
    >
      <path data-testid="schedule-line" data-id={id} data-kind={isPlan ? "plan" : "training"} class="curve" d={path} />
    </g>
  );
}

interface OverlayProps {
  readonly overlay: Overlay;
  readonly scales: Scales;
  /** The scale of the values. */
  readonly y: Scale;
}

export function OverlayLine({ overlay, scales: { x, frame }, y }: OverlayProps) {
  const { run, tag, color, dash, xs, values, smoothed } = overlay;
  const isSmoothed = smoothed !== values;
  const [raw, line] = useMemo(() => {
    const places = coordinates(xs, x);
    const projected = (column: Float64Array) => project(places, coordinates(column, y), frame);
    const raw = projected(values);
    return [raw, isSmoothed ? projected(smoothed) : raw];
  }, [xs, values, smoothed, isSmoothed, x, y, frame]);
  return (
    <g class={dash ? "run scalar dotted" : "run scalar"} style={{ stroke: color }}>
      {isSmoothed && <path data-testid="overlay-raw" class="curve raw" d={linePath(raw)} />}
      <path
        data-testid="overlay-line"
        data-run={run}
        data-tag={tag}
        class="curve"
        d={linePath(line)}
        style={{ strokeDasharray: dash }}
      />
      {!isSmoothed && values.length <= DOTS_AT_MOST && <path class="points" d={dotsPath(raw)} />}
    </g>
  );
}

/** A dot at each rate change, with what happened there in words. */
export function RateChanges({ line: { id, color, rateChanges }, scales: { x, y } }: LineProps) {
  return (
    <g class="rate-changes" style={{ fill: color }}>
      {rateChanges.map((change) => (
        <RateChangeDot key={change.step} id={id} change={change} left={x(change.x)} top={y(change.rate)} />
      ))}
    </g>
  );
}

interface RateChangeDotProps {
  readonly id: string;
  readonly change: RateChange;
  readonly left: number;
  readonly top: number;
}

function RateChangeDot({ id, change: { step, text }, left, top }: RateChangeDotProps) {
  return (
    <circle
      data-testid="schedule-mark"
      data-id={id}
      data-step={String(step)}
      aria-label={text}
      cx={left}
      cy={top}
      r={4.5}
    >
      <title>{text}</title>
    </circle>
  );
}
