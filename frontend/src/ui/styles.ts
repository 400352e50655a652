/** All styles of the tab as one text: TensorBoard serves the module and nothing beside it. */

import chart from "../chart/chart.css?inline";
import base from "./base.css?inline";
import messages from "./messages.css?inline";
import runList from "./RunList.css?inline";
import suggestions from "./Suggestions.css?inline";
import toolbar from "./Toolbar.css?inline";
import theme from "./theme.css?inline";

export const styles = [theme, base, runList, toolbar, chart, suggestions, messages].join("\n");
