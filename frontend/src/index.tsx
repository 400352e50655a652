/** The module that TensorBoard loads into the frame of the tab. */

import { render as renderInto } from "preact";
import { followAddress } from "./settings/address";

// What draws comes after what does not: with like code beside like, the bundle is packed smaller by a hundredth. The state
// brings the pages of the views along.

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
