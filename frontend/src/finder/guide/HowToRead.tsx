import { useEffect, useRef, useState } from "preact/hooks";
import { listNames } from "../../base/lists";
import type { ShapeGuide } from "../../server/types";
import type { SweepRun } from "../sweeps";
import { DRAWINGS } from "./drawings";
import { leftOf, Sketch } from "./Sketch";

const HEADING = "how-to-read";
const NAMED_AT_MOST = 3;
/** The zones of a good curve, each with the row at which it ends. */
const ZONES = [
  ["wasted", 7.5],
  ["learns", 18],
  ["diverges", 27.5],
] as const;

interface HowToReadProps {
  readonly shapes: readonly ShapeGuide[];
  /** The runs that are shown. */
  readonly runs: readonly SweepRun[];
}

/** Explains the chart to those who ask. */
export function HowToRead(props: HowToReadProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="quiet help" data-testid="help" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <span class="help-sign" aria-hidden="true">
          ?
        </span>
        <span class="help-words">How to read this</span>
      </button>
      {isOpen && <Guide {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

function Guide({ shapes, runs, onClose }: HowToReadProps & { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  // The browser does the rest: Escape closes the dialog, Tab stays in it, and the button gets the focus back.
  useEffect(() => dialog.current!.showModal(), []);
  const close = () => dialog.current!.close();
  return (
    <dialog
      ref={dialog}
      class="guide-dialog"
      data-testid="how-to-read"
      aria-labelledby={HEADING}
      onClose={onClose}
      closedby="any"
    >
      <div class="guide-body">
        <header>
          <h2 id={HEADING}>How to read this</h2>
          <button type="button" class="small" onClick={close}>
            Close
          </button>
        </header>
        <Reading />
        <h3>Which of these does your curve look like?</h3>
        <ul class="shapes">
          {shapes.map((shape) => (
            <ShapeCard key={shape.name} shape={shape} runs={runs} />
          ))}
        </ul>
      </div>
    </dialog>
  );
}

function Reading() {
  return (
    <div class="reading">
      <Sketch drawing={DRAWINGS.good}>
        {ZONES.map(([name, end], index) => {
          const start = leftOf(ZONES[index - 1]?.[1] ?? -0.5);
          const width = leftOf(end) - start;
          return (
            <g key={name} class={`zone ${name}`}>
              <rect x={start} y="4" width={width} height="62" />
              <text x={start + width / 2} y="63">
                {name}
              </text>
            </g>
          );
        })}
      </Sketch>
      <ul>
        <li>
          From left to right one training goes on with ever larger learning rates. Rates too small to move the loss are
          wasted, where it falls the model learns, and where it shoots up training diverges. An accuracy goes the other
          way: it rises where the model learns, and drops where training diverges.
        </li>
        <li>
          The suggested rate lies left of the lowest point: what is lowest after a few steps is, in a full training, too
          close to diverging.
        </li>
        <li>Smoothing changes how the curve is drawn. It does not move the suggested rate.</li>
      </ul>
    </div>
  );
}

function ShapeCard({ shape, runs }: Pick<HowToReadProps, "runs"> & { shape: ShapeGuide }) {
  const { name, label, sentence } = shape;
  const alike = runs.filter(({ suggestion }) => suggestion?.shape?.name === name).map(({ label }) => label);
  return (
    <li class={alike.length > 0 ? "yours" : ""} data-testid={`shape-${name}`}>
      <Sketch drawing={DRAWINGS[name]} />
      <div>
        <h4>{label}</h4>
        <p>{sentence}</p>
        {alike.length > 0 && (
          <p class="alike" data-testid="alike">
            {describe(alike, runs.length)}
          </p>
        )}
      </div>
    </li>
  );
}

/** A sentence that names the shown runs of this shape. */
function describe(alike: readonly string[], total: number): string {
  if (alike.length > NAMED_AT_MOST) return `${alike.length} of your ${total} runs look like this.`;
  return `${listNames(alike)} ${alike.length === 1 ? "looks" : "look"} like this.`;
}
