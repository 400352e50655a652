import type { ComponentChildren, TargetedPointerEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { centreOf, isAll, moved, zoomed } from "./keys";
import { lineAt, nearestReadings, type Readout } from "./readout";
import { Spoken } from "./Spoken";
import { type Frame, isInside } from "./scales";
import type { Size } from "./size";
import { speechOf } from "./speech";
import { Tooltip } from "./Tooltip";
import { dragBox, type Point } from "./zoom";

/** The time the pointer rests at a line before that is reported: on its way it passes many, and each would be redrawn. */
const INTENT_MS = 50;

interface PointerProps {
  readonly frame: Frame;
  readonly size: Size;
  readonly foot?: number | undefined;
  /** The readout at a point of the plot. */
  readonly read: (point: Point) => Readout;
  readonly onBox: (box: Frame) => void;
  readonly onReset: () => void;
  /** The box that the domain without a zoom would fill. */
  readonly limits: Frame;
  /** Takes null after a double click, which takes its two clicks back; `isTyped` for a key. */
  readonly onClick?: ((point: Point | null, isTyped?: boolean) => void) | undefined;
  /** What the Enter key does, in words. */
  readonly enter?: string | undefined;
  /** Takes the line that the pointer is at, null where it is at none. */
  readonly onNear?: ((id: string | null) => void) | undefined;
  readonly children: ComponentChildren;
}

/** Hover, drag and keys. It holds the position of the pointer, so that a move redraws this layer and never the paths below. */
export function Pointer(props: PointerProps) {
  const { frame, size, foot = 0, read, limits, onBox, onReset, onClick, enter, onNear, children } = props;
  const [pointer, setPointer] = useState<Point | null>(null);
  const [origin, setOrigin] = useState<Point | null>(null);
  const [isTyped, setTyped] = useState(false);
  const readout = !origin && pointer && isInside(frame, ...pointer) ? read(pointer) : null;
  const near = readout && lineAt(readout, pointer!);
  useReport(near, onNear);
  useEscape(origin !== null, () => setOrigin(null));

  const move = (event: TargetedPointerEvent<HTMLElement>) => {
    setPointer(locate(event));
    setTyped(false);
  };
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
  const zoom = (box: Frame) => (isAll(box, limits) ? onReset() : onBox(box));
  const pick = (point: Point) => {
    // A rate can be picked only after its readout was shown.
    if (pointer) onClick?.(point, true);
  };
  const pressKey = (event: KeyboardEvent) => {
    const { key } = event;
    // Shortcuts of the browser and of the page.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = pointer ?? centreOf(frame);
    const point = moved(event, at, frame);
    const box = zoomed(key, at, frame, limits);
    if (box) zoom(box);
    else if (key === "Enter" || key === " ") pick(at);
    else if (!point && key !== "Escape") return;
    event.preventDefault();
    setPointer(key === "Escape" ? null : (point ?? at));
    setTyped(true);
  };

  return (
    <div
      class="plot"
      data-testid="plot"
      role="application"
      aria-label={`Chart. The arrow keys move a readout through it, ${enter ? `Enter ${enter}, ` : ""}plus and minus zoom, 0 shows all.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a reading aid on an image; its numbers are in the table below
      tabIndex={0}
      onKeyDown={pressKey}
      onBlur={() => setPointer(null)}
      onPointerMove={move}
      onPointerDown={press}
      onPointerUp={release}
      onPointerCancel={() => setOrigin(null)}
      onPointerLeave={() => setPointer(null)}
      onDblClick={() => {
        onReset();
        onClick?.(null);
      }}
    >
      {children}
      {origin && pointer && <DragBox from={origin} to={pointer} frame={frame} size={size} />}
      {readout && <Hover readout={readout} frame={frame} size={size} foot={foot} pointer={pointer!} />}
      <Spoken text={readout && isTyped ? speechOf(readout, pointer![1]) : ""} />
    </div>
  );
}

function locate(event: TargetedPointerEvent<HTMLElement>): Point {
  const { left, top } = event.currentTarget.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}

/** Reports the line that the pointer rests at, and null once it has left a reported line or the chart goes away. */
function useReport(near: string | null, onNear: PointerProps["onNear"]): void {
  const reported = useRef<string | null>(null);
  const report = (line: string | null) => {
    if (line === null && reported.current === null) return;
    reported.current = line;
    onNear?.(line);
  };
  // A layout effect, since one after the next frame could report a line that the pointer has left meanwhile.
  useLayoutEffect(() => {
    const timer = setTimeout(() => report(near), INTENT_MS);
    return () => clearTimeout(timer);
  }, [near]);
  useLayoutEffect(() => () => report(null), []);
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
  readonly foot: number;
  readonly pointer: Point;
}

function Hover({ readout, frame, size, foot, pointer }: HoverProps) {
  const selection = nearestReadings(readout.sections, pointer[1]);
  const readings = selection.sections.flatMap((section) => section.readings);
  return (
    <>
      <svg class="overlay" {...size} aria-hidden="true">
        <line class="crosshair" x1={pointer[0]} x2={pointer[0]} y1={frame.top} y2={frame.bottom} />
        {readings
          .filter(({ left, top }) => isInside(frame, left, top))
          .map(({ color, left, top }, index) => (
            <circle key={index} class="hover-dot" cx={left} cy={top} r={4} style={{ fill: color }} />
          ))}
      </svg>
      <Tooltip
        readout={readout}
        selection={selection}
        pointer={pointer}
        size={{ ...size, height: size.height - foot }}
      />
    </>
  );
}
