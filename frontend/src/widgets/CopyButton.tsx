import { useEffect, useState } from "preact/hooks";
import { copyText } from "../base/clipboard";

const ACKNOWLEDGE_MS = 1_500;

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  /** The text on the button. */
  readonly word?: string;
  readonly testId?: string;
}

export function CopyButton({ text, label, word = "Copy", testId }: CopyButtonProps) {
  const [answer, setAnswer] = useState<"Copied" | "Failed" | null>(null);
  useEffect(() => {
    if (!answer) return;
    const timer = setTimeout(() => setAnswer(null), ACKNOWLEDGE_MS);
    return () => clearTimeout(timer);
  }, [answer]);
  const copy = () =>
    copyText(text).then(
      () => setAnswer("Copied"),
      () => setAnswer("Failed"),
    );
  return (
    <button type="button" class="small" data-testid={testId} aria-label={answer ?? label} title={label} onClick={copy}>
      {answer ?? word}
    </button>
  );
}
