/** Messages in place of a chart; each view has its own for when nothing is recorded. */

import type { ComponentChildren } from "preact";
import { CopyButton } from "../widgets/CopyButton";

interface MessageProps {
  readonly title: string;
  readonly testId?: string;
  readonly children?: ComponentChildren;
}

/** A title with some sentences, in the middle of the page. */
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

/** A piece of code with a button that copies it. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div class="card code">
      <pre>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}
