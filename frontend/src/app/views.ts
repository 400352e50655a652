/** The views: what their tabs say, and their pages. */

import { FinderPage } from "../finder/FinderPage";
import { PlannerPage } from "../planner/PlannerPage";
import { SchedulesPage } from "../schedules/SchedulesPage";
import type { ViewName } from "./state";

export const VIEWS = {
  finder: { label: "LR Finder", Page: FinderPage },
  schedules: { label: "Schedules", Page: SchedulesPage },
  planner: { label: "Plan a schedule", Page: PlannerPage },
} satisfies Readonly<Record<ViewName, object>>;
