/** The tab in a document, and somebody who looks at it and uses it. */

// Loaded here, so that no test waits for it.
import "../../src/app/pages";
import { render } from "preact";
import { vi } from "vitest";
import { App } from "../../src/app/App";
import { State } from "../../src/app/state";
import { NOW } from "./wire";

/** From now on time passes only in `settle`, however slow the machine is. */
export const stopClock = () => vi.useFakeTimers({ now: NOW });

/** Shows the tab as it is before the server's first answer. */
export function mount(): State {
  stopClock();
  const state = new State();
  // A chart draws only where it has an area; happy-dom lays nothing out.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(500);
  render(<App state={state} />, document.body);
  return state;
}

export function unmount(): void {
  render(null, document.body);
  vi.restoreAllMocks();
  // Preact waits for the effects that it has planned before it plans others: those left over would stop the next test's.
  vi.advanceTimersByTime(100);
  vi.useRealTimers();
}

/** Waits until what happened is drawn. */
export const settle = (milliseconds = 20) => vi.advanceTimersByTimeAsync(milliseconds);

/** Has the tab ask the server, and show what it says. */
export const poll = (state: State) => act(() => state.refresh());

export async function act(work: () => unknown): Promise<void> {
  await work();
  await settle();
}

export function find(id: string, within: ParentNode = document): HTMLElement | null {
  return within.querySelector<HTMLElement>(`[data-testid="${id}"]`);
}

export function all(id: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
}

/** Which runs have such an element, in its order. */
export const idsOf = (id: string) => all(id).map(({ dataset }) => dataset.id);

export function texts(selector: string, within: ParentNode = document): (string | null)[] {
  return [...within.querySelectorAll(selector)].map(({ textContent }) => textContent);
}

export const click = (element: Element | null) => act(() => (element as HTMLElement).click());

/** Chooses one of the radio buttons of a group. */
export const choose = (group: string, value: string) => click(find(group)!.querySelector(`input[value="${value}"]`));

/** Types into a field or chooses from a menu; "input" is what fields say while somebody types. */
export function enter(field: Element | null, value: string, kind: "change" | "input" = "change"): Promise<void> {
  (field as HTMLInputElement).value = value;
  return act(() => field!.dispatchEvent(new Event(kind, { bubbles: true })));
}

export function press(key: string, element: Element | null = document.activeElement): Promise<void> {
  return act(() => element!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
}

/** What the pointer does on the plot. */
export function point(clientX: number, clientY: number, kind = "pointermove"): Promise<void> {
  const event = new PointerEvent(kind, { clientX, clientY, pointerId: 1, bubbles: true });
  return act(() => document.querySelector(".plot")!.dispatchEvent(event));
}

/** What is copied from now on. */
export function clipboard(): string[] {
  const copied: string[] = [];
  const writeText = async (text: string) => void copied.push(text);
  vi.spyOn(navigator, "clipboard", "get").mockReturnValue({ writeText } as Clipboard);
  return copied;
}
