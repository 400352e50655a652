import { useRef } from "preact/hooks";
import { ACROSS, itemAt } from "../widgets/arrows";
import { VIEW_NAMES, VIEWS, type ViewName } from "./views";

/** The id of the element whose content the tabs switch. */
export const PANEL = "view-panel";

interface TabsProps {
  readonly view: ViewName;
  readonly onView: (view: ViewName) => void;
}

export function tabId(view: ViewName): string {
  return `view-${view}`;
}

/** Switches between the views, by click and by arrow keys. */
export function Tabs({ view, onView }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const press = (event: KeyboardEvent) => {
    const next = itemAt(VIEW_NAMES, view, event.key, ACROSS);
    if (next === undefined) return;
    event.preventDefault();
    onView(next);
    list.current!.querySelector<HTMLElement>(`#${tabId(next)}`)!.focus();
  };
  return (
    <div ref={list} class="tabs" role="tablist" aria-label="View" tabIndex={-1} onKeyDown={press}>
      {VIEW_NAMES.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={tabId(name)}
          data-testid="view"
          value={name}
          aria-selected={name === view}
          aria-controls={PANEL}
          tabIndex={name === view ? 0 : -1}
          onClick={() => onView(name)}
        >
          {VIEWS[name].label}
        </button>
      ))}
    </div>
  );
}
