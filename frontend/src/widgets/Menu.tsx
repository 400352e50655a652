import { useLayoutEffect } from "preact/hooks";
import { DOWN, itemAt } from "./arrows";
import { usePopover } from "./usePopover";

interface MenuProps<T extends string> {
  readonly label: string;
  readonly testId: string;
  readonly items: readonly (readonly [name: T, label: string])[];
  readonly onChoose: (name: T) => void;
}

/** A button that offers actions. The keyboard moves into the menu when it opens. */
export function Menu<T extends string>({ label, testId, items, onChoose }: MenuProps<T>) {
  const { isOpen, button, panel } = usePopover();
  const menu = panel.ref;
  useLayoutEffect(() => {
    if (isOpen) (menu.current!.firstElementChild as HTMLElement).focus();
  }, [isOpen]);

  const press = (event: KeyboardEvent) => {
    // Closing gives the keyboard back to the button, from which Tab goes on.
    if (event.key === "Tab") return menu.current!.hidePopover();
    const next = itemAt([...menu.current!.children], document.activeElement!, event.key, DOWN);
    if (!next) return;
    event.preventDefault();
    (next as HTMLElement).focus();
  };
  return (
    <>
      <button
        type="button"
        data-testid={testId}
        aria-haspopup="menu"
        {...button}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          menu.current!.showPopover();
        }}
      >
        {label}
      </button>
      <div class="menu" role="menu" aria-label={label} tabIndex={-1} {...panel} onKeyDown={press}>
        {items.map(([name, text]) => (
          <button
            key={name}
            type="button"
            role="menuitem"
            value={name}
            tabIndex={-1}
            popoverTarget={panel.id}
            popoverTargetAction="hide"
            onClick={() => onChoose(name)}
          >
            {text}
          </button>
        ))}
      </div>
    </>
  );
}
