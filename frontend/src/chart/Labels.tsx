import { Layered } from "./Layered";
import { LANE_HEIGHT, type Label } from "./labelLanes";
import type { Frame } from "./scales";

const LABEL_HEIGHT = 20;

interface LabelsProps {
  readonly labels: readonly Label[];
  readonly frame: Frame;
  /** The run that is put forward. */
  readonly front: string | null;
  readonly testId: string;
}

/** Labels over the plot, each with a guide down to the point that it names. */
export function Labels({ labels, frame, front, testId }: LabelsProps) {
  const endOf = ({ lane }: Label) => frame.top - 4 - lane * LANE_HEIGHT;
  const keyOf = ({ id, value }: Label) => `${id} ${value}`;
  const shared = { items: labels, runOf: ({ id }: Label) => id, front };
  return (
    <>
      <Layered
        {...shared}
        draw={(label) => (
          <path
            key={keyOf(label)}
            class="guide"
            d={`M${label.x},${endOf(label)}V${label.bottom}`}
            style={{ stroke: label.color }}
          />
        )}
      />
      <g class="pills">
        <Layered
          {...shared}
          draw={(label) => (
            <g key={keyOf(label)} class="pill">
              <Pill label={label} top={endOf(label) - LABEL_HEIGHT} testId={testId} />
            </g>
          )}
        />
      </g>
    </>
  );
}

function Pill({ label, top, testId }: { label: Label; top: number; testId: string }) {
  const { id, value, text, title, color, middle, width } = label;
  return (
    <>
      <title>{title}</title>
      <rect x={middle - width / 2} y={top} width={width} height={LABEL_HEIGHT} rx={4} style={{ stroke: color }} />
      <text
        data-testid={testId}
        data-id={id}
        data-value={value}
        x={middle}
        y={top + LABEL_HEIGHT / 2}
        dy="0.34em"
        text-anchor="middle"
      >
        {text}
      </text>
    </>
  );
}
