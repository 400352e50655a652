/** The module that TensorBoard loads into the frame of the tab. */

import { render as renderInto } from "preact";
import { followAddress } from "./model/address";
import { startPolling } from "./model/polling";
import { State } from "./model/state";
import { App } from "./ui/App";
import { styles } from "./ui/styles";

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
