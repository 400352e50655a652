import { formatCount, formatRate } from "../base/numbers";
import { Swatch } from "../chart/Swatch";
import { extentOf } from "../chart/scales";
import { PairLinks } from "../runs/PairLinks";
import type { RateChange } from "../server/types";
import type { ScheduleRun } from "./lines";

/** Longer lists of rate changes are folded. */
const CHANGES_AT_ONCE = 4;
const COLUMNS = 7;

interface TableProps {
  readonly runs: readonly ScheduleRun[];
  readonly onFocus: (id: string | null) => void;
  /** Opens a range test. */
  readonly onTest: (id: string) => void;
}

/** The table of schedules: each of them in numbers and words. */
export function Table({ runs, ...actions }: TableProps) {
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
        {runs.map((run) => (
          <Row key={run.trace.id} run={run} {...actions} />
        ))}
      </table>
    </section>
  );
}

type RowProps = Omit<TableProps, "runs"> & { readonly run: ScheduleRun };

/** One run: its numbers, and below them what its probes and the range tests that belong to it say. */
function Row({ run, onFocus, onTest }: RowProps) {
  const { trace, apart, label, color, dash, schedule, error, probes, pairs } = run;
  const { length } = probes.points;
  const rates = schedule?.learningRate;
  const told = probes.error === null ? probes.sentences : [probes.error];
  return (
    <tbody
      data-testid="schedule-row"
      data-id={trace.id}
      onPointerEnter={() => onFocus(trace.id)}
      onPointerLeave={() => onFocus(null)}
    >
      <tr>
        <td class="schedule-run" title={label}>
          <Swatch color={color} dash={dash} />
          {trace.run}
          {trace.kind === "plan" && <span class="chip plan">plan</span>}
          {apart && <span class="apart muted">{apart}</span>}
          {length > 0 && <span class="apart muted">{length === 1 ? "1 probe" : `${formatCount(length)} probes`}</span>}
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
      {(told.length > 0 || pairs.length > 0) && (
        <tr class="told">
          <td colSpan={COLUMNS}>
            {told.map((sentence) => (
              <p key={sentence} data-testid="probe-sentence">
                {sentence}
              </p>
            ))}
            <PairLinks pairs={pairs} opens="test" onOpen={onTest} />
          </td>
        </tr>
      )}
    </tbody>
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
