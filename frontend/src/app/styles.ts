/** All styles of the tab as one text: TensorBoard serves the module and nothing beside it. */

import chart from "../chart/chart.css?inline";
import howToRead from "../finder/guide/HowToRead.css?inline";
import multiples from "../finder/Multiples.css?inline";
import runningTests from "../finder/RunningTests.css?inline";
import suggestions from "../finder/table/Suggestions.css?inline";
import planner from "../planner/Planner.css?inline";
import messages from "../runs/messages.css?inline";
import runList from "../runs/RunList.css?inline";
import schedules from "../schedules/Schedules.css?inline";
import menu from "../widgets/Menu.css?inline";
import toolbar from "../widgets/Toolbar.css?inline";
import frame from "./App.css?inline";
import tabs from "./Tabs.css?inline";
import theme from "./theme.css?inline";

export const styles = [
  theme,
  frame,
  tabs,
  runList,
  toolbar,
  menu,
  chart,
  multiples,
  runningTests,
  howToRead,
  suggestions,
  schedules,
  planner,
  messages,
].join("\n");
