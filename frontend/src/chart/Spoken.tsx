import { useEffect, useState } from "preact/hooks";

/** While a key is held down nothing is said. */
const PAUSE_MS = 300;

/** Says a text to those who do not see it, once it stays. */
export function Spoken({ text }: { text: string }) {
  const [said, say] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => say(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="spoken" aria-live="polite" data-testid="spoken">
      {said}
    </div>
  );
}
