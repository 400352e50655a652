import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface PopoverProps {
  readonly label: string;
  readonly testId: string;
  readonly children: ComponentChildren;
}

/** A panel on demand below its button; Escape and a press elsewhere close it. */
export function Popover({ label, testId, children }: PopoverProps) {
  const ref = useRef<HTMLDetailsElement>(null);
  useLayoutEffect(() => {
    const press = ({ target }: PointerEvent) => {
      if (!ref.current!.contains(target as Node)) ref.current!.open = false;
    };
    document.addEventListener("pointerdown", press);
    return () => document.removeEventListener("pointerdown", press);
  }, []);
  const close = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    ref.current!.open = false;
    ref.current!.querySelector("summary")!.focus();
  };
  return (
    <details ref={ref} class="popover" data-testid={testId} onKeyDown={close}>
      <summary>{label}</summary>
      <div class="popover-panel">{children}</div>
    </details>
  );
}
