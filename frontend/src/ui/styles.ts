/** All styles of the tab as one text: TensorBoard serves the module and nothing beside it. */

import chart from "../chart/chart.css?inline";
import base from "./base.css?inline";
import howToRead from "./HowToRead.css?inline";
import menu from "./Menu.css?inline";
import multiples from "./Multiples.css?inline";
import messages from "./messages.css?inline";
import planner from "./Planner.css?inline";
import progress from "./Progress.css?inline";
import runList from "./RunList.css?inline";
import schedules from "./Schedules.css?inline";
import suggestions from "./Suggestions.css?inline";
import tabs from "./Tabs.css?inline";
import toolbar from "./Toolbar.css?inline";
import theme from "./theme.css?inline";

export const styles = [
  theme,
  base,
  tabs,
  runList,
  toolbar,
  menu,
  chart,
  multiples,
  progress,
  howToRead,
  suggestions,
  schedules,
  planner,
  messages,
].join("\n");
