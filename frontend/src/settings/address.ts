/**
 * Settings in the address of the page and in the storage of the browser. A copied address opens the same view; an address
 * without settings opens with the preferences of the person. A preference is a choice of that person, never one that an
 * address brought.
 *
 * TensorBoard keeps the parameters `p.<plugin>.*` of its address, at its start and from tab to tab.
 */

import { effect, untracked } from "@preact/signals";
import { isShallowEqual } from "../base/equality";
import { lengthIn, readHash, tabOf, writeHash } from "./fragment";
import type { Settings, Texts } from "./settings";
import { recall, remember } from "./storage";

const NAME = "lr_finder";
const PREFIX = `p.${NAME}.`;
/** The pause after the last change before it is written: a slider moves through many values. */
const SETTLE_MS = 200;
/** Characters that all settings take of an address: Safari refuses those of 80 kB, and chats cut them earlier. */
const LONGEST = 32_000;

/** The part of a window that an address needs. */
export type Page = Pick<Window, "location" | "history" | "addEventListener">;

/** Takes the settings from the address, then keeps each up to date with the other. Returns a function that stops it. */
export function followAddress(settings: Settings, page: Page = addressed()): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The texts that the address last had. */
  let written: Texts = new Map();
  /** The preferences that are stored, or came from an address. */
  let preferred: Texts = new Map();

  const take = () => {
    written = readHash(page.location.hash, PREFIX);
    settings.take(written.size > 0 ? written : recall(NAME));
    preferred = settings.preferences.peek();
  };
  const write = () => {
    written = fitting(settings.all.peek());
    replaceHash(page, writeHash(page.location.hash, PREFIX, written));
    const preferences = settings.preferences.peek();
    remember(NAME, changed(recall(NAME), preferred, preferences));
    preferred = preferences;
  };
  const retake = () => {
    const { hash } = page.location;
    if (isShallowEqual(Object.fromEntries(written), Object.fromEntries(readHash(hash, PREFIX)))) return;
    // An entry of the history of another tab, whose click leads back here: what is shown here stays.
    if ([null, NAME].includes(tabOf(hash))) take();
    else write();
  };

  take();
  const unwatch = effect(() => {
    void settings.all.value;
    clearTimeout(timer);
    timer = setTimeout(write, SETTLE_MS);
  });
  let departures = settings.departures.peek();
  const unwatchDepartures = effect(() => {
    if (settings.departures.value === departures) return;
    departures = settings.departures.value;
    untracked(write);
    leave(page);
  });
  page.addEventListener("hashchange", retake, stop);
  return () => {
    stop.abort();
    unwatch();
    unwatchDepartures();
    clearTimeout(timer);
  };
}

/** The window whose address people copy: TensorBoard's around this one, or this one where the other is of another origin. */
function addressed(): Window {
  try {
    return window.parent.location.href ? window.parent : window;
  } catch {
    return window;
  }
}

/** Changes the fragment without a new entry in the history. */
function replaceHash({ location, history }: Page, hash: string): void {
  if (hash === location.hash) return;
  const url = new URL(location.href);
  url.hash = hash;
  try {
    history.replaceState(history.state, "", url);
  } catch {
    // The browser forbids it, or forbids it so often; the next change tries again.
  }
}

/** Makes a new entry of the history, which begins as a copy of the one it leaves. */
function leave({ location, history }: Page): void {
  try {
    history.pushState(history.state, "", location.href);
  } catch {
    // As above: Back leads past this place.
  }
}

/** The texts that fit into an address: where there is no room for all, the longest are left out. */
function fitting(texts: Texts): Texts {
  const sized = [...texts].map(([key, text]) => ({ key, length: PREFIX.length + key.length + lengthIn(text) }));
  let left = LONGEST;
  const chosen = new Set<string>();
  for (const { key, length } of sized.sort((a, b) => a.length - b.length)) {
    left -= length;
    if (left >= 0) chosen.add(key);
  }
  return new Map([...texts].filter(([key]) => chosen.has(key)));
}

/** `texts` with the changes that lead from `before` to `after`. */
function changed(texts: Texts, before: Texts, after: Texts): Texts {
  const dropped = [...before.keys()].filter((key) => !after.has(key));
  const chosen = [...after].filter(([key, text]) => before.get(key) !== text);
  return new Map([...[...texts].filter(([key]) => !dropped.includes(key)), ...chosen]);
}
