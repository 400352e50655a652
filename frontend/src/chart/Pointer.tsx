import type { ComponentChildren, TargetedPointerEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Box, dragBox, type Point } from "./box";
import { lineAt, nearestReadings, type Readout } from "./readout";
import { type Frame, isInside } from "./scales";
import type { Size } from "./size";
import { Tooltip } from "./Tooltip";

/** How far an arrow key moves the readout, in pixels. */
const KEY_STEP = 8;

interface PointerProps {
  readonly frame: Frame;
  readonly size: Size;
  /** What there is to read at a point of the plot. */
  readonly read: (point: Point) => Readout;
  readonly onBox: (box: Box) => void;
  readonly onReset: () => void;
  readonly onClick?: (point: Point) => void;
  /** Takes the line that the pointer is at, null where it is at none. */
  readonly onNear?: ((id: string | null) => void) | undefined;
  readonly children: ComponentChildren;
}

/** Hover and drag. It owns where the pointer is, so that moving it redraws this layer and never the paths below. */
export function Pointer({ frame, size, read, onBox, onReset, onClick, onNear, children }: PointerProps) {
  const [pointer, setPointer] = useState<Point | null>(null);
  const [origin, setOrigin] = useState<Point | null>(null);
  const readout = !origin && pointer && isInside(frame, ...pointer) ? read(pointer) : null;
  const near = readout && lineAt(readout, pointer!);
  useEffect(() => onNear?.(near), [near]);
  useEffect(() => () => onNear?.(null), []);
  useEscape(origin !== null, () => setOrigin(null));

  const move = (event: TargetedPointerEvent<HTMLElement>) => setPointer(locate(event));
  const press = (event: TargetedPointerEvent<HTMLElement>) => {
    const point = locate(event);
    if (event.button !== 0 || !isInside(frame, ...point)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setOrigin(point);
  };
  const release = (event: TargetedPointerEvent<HTMLElement>) => {
    if (!origin) return;
    const box = dragBox(origin, locate(event), frame);
    setOrigin(null);
    if (box) onBox(box);
    else onClick?.(origin);
  };
  const pressKey = (event: KeyboardEvent) => {
    const point = moved(event.key, pointer, frame);
    if (point === undefined) return;
    event.preventDefault();
    setPointer(point);
  };

  return (
    <div
      class="plot"
      role="application"
      aria-label="Chart. The arrow keys move a readout through it."
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a reading aid on an image; its numbers are in the table below
      tabIndex={0}
      onKeyDown={pressKey}
      onBlur={() => setPointer(null)}
      onPointerMove={move}
      onPointerDown={press}
      onPointerUp={release}
      onPointerCancel={() => setOrigin(null)}
      onPointerLeave={() => setPointer(null)}
      onDblClick={onReset}
    >
      {children}
      {origin && pointer && <DragBox from={origin} to={pointer} frame={frame} size={size} />}
      {readout && <Hover readout={readout} frame={frame} size={size} pointer={pointer!} />}
    </div>
  );
}

function locate(event: TargetedPointerEvent<HTMLElement>): Point {
  const { left, top } = event.currentTarget.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}

/** Where a key moves the readout: null takes it away, undefined leaves it as it is. */
function moved(key: string, from: Point | null, { left, right, top, bottom }: Frame): Point | null | undefined {
  const [x, y] = from ?? [(left + right) / 2, (top + bottom) / 2];
  switch (key) {
    case "ArrowLeft":
      return [Math.max(left, x - KEY_STEP), y];
    case "ArrowRight":
      return [Math.min(right, x + KEY_STEP), y];
    case "Home":
      return [left, y];
    case "End":
      return [right, y];
    case "Escape":
      return null;
    default:
      return undefined;
  }
}

function useEscape(isActive: boolean, onEscape: () => void): void {
  useEffect(() => {
    if (!isActive) return;
    const listen = (event: KeyboardEvent) => event.key === "Escape" && onEscape();
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [isActive, onEscape]);
}

interface DragBoxProps {
  readonly from: Point;
  readonly to: Point;
  readonly frame: Frame;
  readonly size: Size;
}

function DragBox({ from, to, frame, size }: DragBoxProps) {
  const box = dragBox(from, to, frame);
  if (!box) return null;
  const { left, right, top, bottom } = box;
  return (
    <svg class="overlay" {...size} aria-hidden="true">
      <rect class="drag" x={left} y={top} width={Math.max(0, right - left)} height={Math.max(0, bottom - top)} />
    </svg>
  );
}

interface HoverProps {
  readonly readout: Readout;
  readonly frame: Frame;
  readonly size: Size;
  readonly pointer: Point;
}

function Hover({ readout, frame, size, pointer }: HoverProps) {
  const selection = nearestReadings(readout.sections, pointer[1]);
  const readings = selection.sections.flatMap((section) => section.readings);
  return (
    <>
      <svg class="overlay" {...size} aria-hidden="true">
        <line class="crosshair" x1={pointer[0]} x2={pointer[0]} y1={frame.top} y2={frame.bottom} />
        {readings
          .filter(({ left, top }) => isInside(frame, left, top))
          .map(({ id, color, left, top }) => (
            <circle key={id} class="hover-dot" cx={left} cy={top} r={4} style={{ fill: color }} />
          ))}
      </svg>
      <Tooltip readout={readout} selection={selection} pointer={pointer} size={size} />
    </>
  );
}
