/** The module of the pages that the tab does not open on, with their sheets. */

import { ComparePage } from "../compare/ComparePage";
import { PlannerPage } from "../planner/PlannerPage";
import { SchedulesPage } from "../schedules/SchedulesPage";

// The sheets.

import compareStyles from "../compare/Compare.css?inline";
import plannerStyles from "../planner/Planner.css?inline";
import schedulesStyles from "../schedules/Schedules.css?inline";

export { ComparePage, PlannerPage, SchedulesPage };

const sheet = document.createElement("style");
sheet.textContent = [schedulesStyles, compareStyles, plannerStyles].join("\n");
document.head.append(sheet);
