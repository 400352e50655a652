import { useEffect, useState } from "preact/hooks";

/** The time a text must stay before it is said: nothing is said while a key is held down. */
const PAUSE_MS = 300;

/** Says a text to screen readers, once it stays. */
export function Spoken({ text }: { text: string }) {
  const [said, say] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => say(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="unseen" aria-live="polite" data-testid="spoken">
      {said}
    </div>
  );
}
