import type { ComponentChildren } from "preact";
import { Axes, type AxesOf } from "./Axes";
import { Pointer } from "./Pointer";
import type { Readout } from "./readout";
import type { Domain, Frame, Scales } from "./scales";
import type { Size } from "./size";
import { boxOf, type Point } from "./zoom";

interface PlotProps {
  readonly size: Size;
  readonly scales: Scales;
  /** The domain without a zoom. */
  readonly whole: Domain;
  readonly axes: AxesOf;
  /** The content of the picture, in words. */
  readonly description: string;
  readonly testId: string;
  /** The height at the foot of the chart that the readout leaves free, in pixels. */
  readonly foot?: number | undefined;
  readonly read: (point: Point) => Readout;
  readonly onBox: (box: Frame) => void;
  readonly onReset: () => void;
  readonly onClick?: ((point: Point | null, isTyped?: boolean) => void) | undefined;
  /** What the Enter key does, in words. */
  readonly enter?: string | undefined;
  readonly onNear?: ((id: string | null) => void) | undefined;
  /** The part of the picture that ends at the edge of the plot. */
  readonly clipped: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The parts that all charts have: axes, a clipped plot, zoom and readout. */
export function Plot(props: PlotProps) {
  const { size, scales, whole, axes, description, testId, clipped, children, ...pointer } = props;
  const { frame } = scales;
  return (
    <Pointer frame={frame} size={size} limits={boxOf(whole, scales)} {...pointer}>
      <svg
        {...size}
        role="img"
        aria-label={description}
        data-testid={testId}
        data-x-domain={scales.x.domain.join(",")}
        data-y-domain={scales.y.domain.join(",")}
      >
        <Axes scales={scales} axes={axes} />
        <Clip frame={frame}>{clipped}</Clip>
        {children}
      </svg>
    </Pointer>
  );
}

/** A nested picture in the same coordinates, which clips at its edges without the id that a `clipPath` needs. */
function Clip({ frame: { left, right, top, bottom }, children }: { frame: Frame; children: ComponentChildren }) {
  const [width, height] = [right - left, bottom - top];
  return (
    <svg
      role="presentation"
      x={left}
      y={top}
      width={width}
      height={height}
      viewBox={`${left} ${top} ${width} ${height}`}
    >
      {children}
    </svg>
  );
}
