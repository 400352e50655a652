import { useEffect, useRef, useState } from "preact/hooks";
import { DOWN, itemAt } from "./arrows";

interface MenuProps<T extends string> {
  readonly label: string;
  readonly testId: string;
  readonly items: readonly (readonly [name: T, label: string])[];
  readonly onChoose: (name: T) => void;
}

/** A button that offers actions. The keyboard goes into its menu, and back to the button when the menu closes. */
export function Menu<T extends string>({ label, testId, items, onChoose }: MenuProps<T>) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => (menu.current?.firstElementChild as HTMLElement | undefined)?.focus(), [isOpen]);

  const close = () => {
    setOpen(false);
    button.current!.focus();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") return close();
    const next = itemAt([...menu.current!.children], document.activeElement!, event.key, DOWN);
    if (!next) return;
    event.preventDefault();
    (next as HTMLElement).focus();
  };
  return (
    <div class="menu">
      <button
        ref={button}
        type="button"
        data-testid={testId}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {label}
      </button>
      {isOpen && (
        <div
          ref={menu}
          role="menu"
          aria-label={label}
          tabIndex={-1}
          onKeyDown={press}
          onFocusOut={({ relatedTarget }) => {
            // The button closes it by itself.
            const isLeft = relatedTarget !== button.current && !menu.current?.contains(relatedTarget as Node | null);
            if (isLeft) setOpen(false);
          }}
        >
          {items.map(([name, text]) => (
            <button
              key={name}
              type="button"
              role="menuitem"
              value={name}
              tabIndex={-1}
              onClick={() => {
                close();
                onChoose(name);
              }}
            >
              {text}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
