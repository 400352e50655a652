/** Words in place of the chart, for every reason there is none. */

import type { ComponentChildren } from "preact";
import { CopyButton } from "../widgets/CopyButton";

const CODE = `from tb_lrfinder import LRFinder

finder = LRFinder("logs/lr")
model.fit(x, y, epochs=3, callbacks=[finder])
print(finder.suggestion)`;
const RECORD = `from tb_lrfinder import LRRecorder

model.fit(x, y, epochs=20, callbacks=[LRRecorder("logs/run")])`;
const PLAN = `from tb_lrfinder import plan

plan(schedule, steps, "logs/plan")`;
const COMMAND = "tensorboard --logdir logs";

interface MessageProps {
  readonly title: string;
  readonly testId?: string;
  readonly children?: ComponentChildren;
}

export function Message({ title, testId, children }: MessageProps) {
  return (
    <div class="message" data-testid={testId}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading() {
  return (
    <Message title="Loading the learning rate tests…" testId="state-loading">
      <div class="spinner" aria-hidden="true" />
    </Message>
  );
}

export function Failure({ sentence, onRetry }: { sentence: string; onRetry: () => void }) {
  return (
    <Message title="The learning rate tests could not be loaded" testId="state-error">
      <p>{sentence}</p>
      <button type="button" class="primary" onClick={onRetry}>
        Retry
      </button>
    </Message>
  );
}

export function Empty() {
  return (
    <Message title="No learning rate test yet" testId="state-empty">
      <p>
        A learning rate range test trains for a few hundred steps while the rate grows from tiny to huge. The loss it
        records shows which rates learn, which are wasted and which diverge. Add it to a Keras script:
      </p>
      <Code text={CODE} label="Copy the code" />
      <p>Then look at the directory above it:</p>
      <Code text={COMMAND} label="Copy the command" />
      <p class="muted">A test that runs appears here by itself and grows while it trains.</p>
    </Message>
  );
}

export function EmptySchedules() {
  return (
    <Message title="No schedule recorded yet" testId="state-empty">
      <p>
        This view shows the learning rate that a training really used, step by step, whoever set it: a schedule, a
        callback or your own code. Record one in a Keras script:
      </p>
      <Code text={RECORD} label="Copy the code" />
      <p>Or look at a schedule before you train with it:</p>
      <Code text={PLAN} label="Copy the code" />
      <p class="muted">A training that runs appears here by itself and grows while it trains.</p>
    </Message>
  );
}

function Code({ text, label }: { text: string; label: string }) {
  return (
    <div class="card code">
      <pre>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}
