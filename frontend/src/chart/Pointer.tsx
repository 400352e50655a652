import type { ComponentChildren, TargetedPointerEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { domainOf, dragBox, type Point } from "./box";
import { nearestRow } from "./rows";
import { isInside, type Scales } from "./scales";
import type { Domain, Series } from "./series";
import type { Size } from "./size";
import { type Reading, Tooltip } from "./Tooltip";

interface PointerProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  readonly size: Size;
  readonly onZoom: (domain: Domain | null) => void;
  readonly children: ComponentChildren;
}

/** Hover and drag. It owns where the pointer is, so that moving it redraws this layer and never the paths below. */
export function Pointer({ series, scales, size, onZoom, children }: PointerProps) {
  const [pointer, setPointer] = useState<Point | null>(null);
  const [origin, setOrigin] = useState<Point | null>(null);
  useEscape(origin !== null, () => setOrigin(null));

  const move = (event: TargetedPointerEvent<HTMLElement>) => setPointer(locate(event));
  const press = (event: TargetedPointerEvent<HTMLElement>) => {
    const point = locate(event);
    if (event.button !== 0 || !isInside(scales.frame, ...point)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setOrigin(point);
  };
  const release = (event: TargetedPointerEvent<HTMLElement>) => {
    const box = origin && dragBox(origin, locate(event), scales.frame);
    setOrigin(null);
    const domain = box && domainOf(box, scales);
    if (domain) onZoom(domain);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a reading aid on an image; its numbers are in the table below
    <div
      class="plot"
      onPointerMove={move}
      onPointerDown={press}
      onPointerUp={release}
      onPointerCancel={() => setOrigin(null)}
      onPointerLeave={() => setPointer(null)}
      onDblClick={() => onZoom(null)}
    >
      {children}
      {origin && pointer && <DragBox from={origin} to={pointer} scales={scales} size={size} />}
      {!origin && pointer && isInside(scales.frame, ...pointer) && (
        <Hover series={series} scales={scales} size={size} pointer={pointer} />
      )}
    </div>
  );
}

function locate(event: TargetedPointerEvent<HTMLElement>): Point {
  const { left, top } = event.currentTarget.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}

function useEscape(isActive: boolean, onEscape: () => void): void {
  useEffect(() => {
    if (!isActive) return;
    const listen = (event: KeyboardEvent) => event.key === "Escape" && onEscape();
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [isActive, onEscape]);
}

function DragBox({ from, to, scales, size }: { from: Point; to: Point; scales: Scales; size: Size }) {
  const box = dragBox(from, to, scales.frame);
  if (!box) return null;
  const { left, right, top, bottom } = box;
  return (
    <svg class="overlay" {...size} aria-hidden="true">
      <rect class="drag" x={left} y={top} width={Math.max(0, right - left)} height={Math.max(0, bottom - top)} />
    </svg>
  );
}

interface HoverProps {
  readonly series: readonly Series[];
  readonly scales: Scales;
  readonly size: Size;
  readonly pointer: Point;
}

function Hover({ series, scales: { x, y, frame }, size, pointer }: HoverProps) {
  const rate = x.invert(pointer[0]);
  const readings: Reading[] = series
    .map((entry) => ({ series: entry, row: nearestRow(entry.learningRate, rate) }))
    .filter(({ row }) => row >= 0)
    .map(({ series: entry, row }) => ({
      series: entry,
      row,
      left: x(entry.learningRate[row]!),
      top: y(entry.smoothed[row]!),
    }));
  return (
    <>
      <svg class="overlay" {...size} aria-hidden="true">
        <line class="crosshair" x1={pointer[0]} x2={pointer[0]} y1={frame.top} y2={frame.bottom} />
        {readings
          .filter(({ left, top }) => isInside(frame, left, top))
          .map(({ series: { id, color }, left, top }) => (
            <circle key={id} class="hover-dot" cx={left} cy={top} r={4} style={{ fill: color }} />
          ))}
      </svg>
      <Tooltip rate={rate} readings={readings} pointer={pointer} size={size} />
    </>
  );
}
