import type { ScaleKind } from "../chart/scales";
import { Segments, type SegmentsProps } from "./Segments";

const SCALES = [
  ["log", "Log"],
  ["linear", "Linear"],
] as const;

/** What kind of scale an axis has. */
export function ScaleChoice(props: Omit<SegmentsProps<ScaleKind>, "options">) {
  return <Segments {...props} options={SCALES} />;
}
