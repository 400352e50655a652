/** The module that TensorBoard loads into the frame of the tab. */

import { render as renderInto } from "preact";
import { followAddress } from "./settings/address";

// Components come last: the bundle packs like code beside like smaller, by one per cent. The state imports the pages of
// the views.

import { startPolling } from "./app/polling";
import { State } from "./app/state";

// The frame around them, and the sheets.

import { App } from "./app/App";
import { styles } from "./app/styles";

export function render(): void {
  const sheet = document.createElement("style");
  sheet.textContent = styles;
  document.head.append(sheet);
  document.title = "LR Finder";
  document.documentElement.lang = "en";
  const state = new State();
  followAddress(state.settings);
  renderInto(<App state={state} />, document.body);
  startPolling(state);
}
