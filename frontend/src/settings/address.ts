/**
 * The settings in the address of the page and in the memory of the browser. A copied address opens the same view; one
 * without settings opens with what somebody prefers. Preferences are what somebody chose, not what an address brought.
 *
 * TensorBoard keeps the parameters `p.<plugin>.*` of its address, at its start and from tab to tab.
 */

import { effect } from "@preact/signals";
import { isShallowEqual } from "../base/equality";
import { readHash, tabOf, writeHash } from "./fragment";
import type { Settings, Texts } from "./settings";
import { recall, remember } from "./storage";

const NAME = "lr_finder";
const PREFIX = `p.${NAME}.`;
/** A slider is moved through many values. */
const SETTLE_MS = 200;

/** What of a window an address needs. */
export type Page = Pick<Window, "location" | "history" | "addEventListener">;

/** Takes the settings from the address, and follows both. Returns how to stop. */
export function followAddress(settings: Settings, page: Page = addressed()): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What the address said last. */
  let said: Texts = new Map();
  /** The preferences that are remembered, or came from an address. */
  let known: Texts = new Map();

  const take = () => {
    said = readHash(page.location.hash, PREFIX);
    settings.take(said.size > 0 ? said : recall(NAME));
    known = settings.preferences.peek();
  };
  const write = () => {
    said = settings.all.peek();
    replaceHash(page, writeHash(page.location.hash, PREFIX, said));
    const preferences = settings.preferences.peek();
    remember(NAME, changed(recall(NAME), known, preferences));
    known = preferences;
  };
  const retake = () => {
    const { hash } = page.location;
    if (isShallowEqual(Object.fromEntries(said), Object.fromEntries(readHash(hash, PREFIX)))) return;
    // Another tab, as the history remembers it: a click there leads back here, to what is still shown here.
    if ([null, NAME].includes(tabOf(hash))) take();
    else write();
  };

  take();
  const unwatch = effect(() => {
    void settings.all.value;
    clearTimeout(timer);
    timer = setTimeout(write, SETTLE_MS);
  });
  page.addEventListener("hashchange", retake, stop);
  return () => {
    stop.abort();
    unwatch();
    clearTimeout(timer);
  };
}

/** The window whose address people copy: TensorBoard's, around this one; this one where that is somebody else's. */
function addressed(): Window {
  try {
    return window.parent.location.href ? window.parent : window;
  } catch {
    return window;
  }
}

/** As a link in the history would, but without a new entry in it. */
function replaceHash({ location, history }: Page, hash: string): void {
  if (hash === location.hash) return;
  const url = new URL(location.href);
  url.hash = hash;
  try {
    history.replaceState(history.state, "", url);
  } catch {
    // The browser lets nobody write here, or not so often; the next change tries again.
  }
}

/** `texts`, with whatever differs between `before` and `after`. */
function changed(texts: Texts, before: Texts, after: Texts): Texts {
  const dropped = [...before.keys()].filter((key) => !after.has(key));
  const chosen = [...after].filter(([key, text]) => before.get(key) !== text);
  return new Map([...[...texts].filter(([key]) => !dropped.includes(key)), ...chosen]);
}
