import { rateCode } from "../model/code";
import type { SweepRun } from "../model/view";
import { CopyButton } from "./CopyButton";

/** The suggestion as a line of Python; for schedules there is the planner. */
export function CopyCode({ run: { trace, use } }: { run: SweepRun }) {
  if (use?.name !== "constant") return null;
  const code = rateCode(trace.optimizer, use.learningRate);
  return <CopyButton word="Copy code" text={code} label={`Copy ${code}`} testId="copy-code" />;
}
