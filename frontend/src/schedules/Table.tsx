import { formatCount, formatRate } from "../base/numbers";
import { Swatch } from "../chart/Swatch";
import { extentOf } from "../chart/scales";
import type { RateChange } from "../server/types";
import type { ScheduleRun } from "./lines";

/** Longer lists of rate changes are folded. */
const CHANGES_AT_ONCE = 4;

interface TableProps {
  readonly runs: readonly ScheduleRun[];
  readonly onFocus: (id: string | null) => void;
}

/** The table of schedules: each of them in numbers and words. */
export function Table({ runs, onFocus }: TableProps) {
  return (
    <section class="card schedules" aria-label="Schedules in numbers">
      <table>
        <thead>
          <tr>
            <th>Run</th>
            <th>Driver</th>
            <th class="number">Steps</th>
            <th class="number">First</th>
            <th class="number">Peak</th>
            <th class="number">Last</th>
            <th>Changes</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.trace.id} run={run} onFocus={onFocus} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ run, onFocus }: { run: ScheduleRun; onFocus: TableProps["onFocus"] }) {
  const { trace, apart, label, color, dash, schedule, error } = run;
  const rates = schedule?.learningRate;
  return (
    <tr
      data-testid="schedule-row"
      data-id={trace.id}
      onPointerEnter={() => onFocus(trace.id)}
      onPointerLeave={() => onFocus(null)}
    >
      <td class="schedule-run" title={label}>
        <Swatch color={color} dash={dash} />
        {trace.run}
        {trace.kind === "plan" && <span class="chip plan">plan</span>}
        {apart && <span class="apart muted">{apart}</span>}
      </td>
      <td data-label="Driver">{trace.driver ?? "–"}</td>
      <td class="number" data-label="Steps">
        {steps(run)}
      </td>
      <Rate label="First" rate={rates?.[0]} />
      <Rate label="Peak" rate={rates && extentOf(rates)?.[1]} />
      <Rate label="Last" rate={rates?.at(-1)} />
      <td class="schedule-changes">
        {error ?? (trace.rows === 0 ? trace.statusText : <RateChanges changes={schedule?.rateChanges ?? []} />)}
      </td>
    </tr>
  );
}

function Rate({ label, rate }: { label: string; rate: number | undefined }) {
  return (
    <td class="number" data-label={label} title={rate === undefined ? "" : String(rate)}>
      {rate === undefined ? "–" : formatRate(rate)}
    </td>
  );
}

function RateChanges({ changes }: { changes: readonly RateChange[] }) {
  if (changes.length === 0) return <span class="muted">None.</span>;
  const sentences = changes.map(({ step, text }) => <li key={step}>{text}</li>);
  if (changes.length <= CHANGES_AT_ONCE) return <ul>{sentences}</ul>;
  return (
    <>
      <ul>{sentences.slice(0, CHANGES_AT_ONCE - 1)}</ul>
      <details>
        <summary>{changes.length - CHANGES_AT_ONCE + 1} more</summary>
        <ul>{sentences.slice(CHANGES_AT_ONCE - 1)}</ul>
      </details>
    </>
  );
}

/** The number of steps made; of a running training, also the number of all its steps. */
function steps({ trace: { status, numSteps }, schedule }: ScheduleRun): string {
  const last = schedule?.step.at(-1);
  if (last === undefined) return "–";
  const made = formatCount(last + 1);
  return status === "running" && numSteps !== null ? `${made} of ${formatCount(numSteps)}` : made;
}
