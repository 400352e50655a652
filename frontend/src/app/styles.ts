/** All styles of the tab as one text: TensorBoard serves the module and nothing beside it. */

import chart from "../chart/chart.css?inline";
import messages from "../runs/messages.css?inline";
import runList from "../runs/RunList.css?inline";
import menu from "../widgets/Menu.css?inline";
import toolbar from "../widgets/Toolbar.css?inline";
import frame from "./App.css?inline";
import tabs from "./Tabs.css?inline";
import theme from "./theme.css?inline";
import { VIEWS } from "./views";

const views = Object.values(VIEWS).map(({ styles }) => styles);

export const styles = [theme, frame, tabs, runList, toolbar, menu, chart, ...views, messages].join("\n");
