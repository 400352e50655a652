import type { ScaleKind } from "../chart/scales";
import { Segments, type SegmentsProps } from "./Segments";

const SCALES = [
  ["log", "Log"],
  ["linear", "Linear"],
] as const;

/** A choice of the scale of an axis. */
export function ScaleChoice(props: Omit<SegmentsProps<ScaleKind>, "options">) {
  return <Segments {...props} options={SCALES} />;
}
