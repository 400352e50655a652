/** The views, in the order of their tabs: another one is a folder, and a row here. */

import type { FunctionComponent } from "preact";
import { Finder } from "../finder/finder";
import { Planner } from "../planner/planner";
import type { Runs } from "../runs/runs";
import { Schedules } from "../schedules/schedules";
import type { Settings } from "../settings/settings";

// What draws comes after what does not, and styles come last: with like beside like, the bundle is packed smaller by a hundredth.
// The page of schedules is the first: so the code of both charts lies together, and by half a hundredth smaller.

import { SchedulesPage } from "../schedules/SchedulesPage";

// The other pages.

import { FinderPage } from "../finder/FinderPage";
import { PlannerPage } from "../planner/PlannerPage";

// The sheets.

import finderStyles from "../finder/styles";
import plannerStyles from "../planner/Planner.css?inline";
import schedulesStyles from "../schedules/Schedules.css?inline";

/** What a view is made from. */
export interface Tab {
  readonly runs: Runs;
  readonly settings: Settings;
  /** Fetches the suggestions for the selected runs. */
  loadSuggestions(): Promise<void>;
}

/** The state of a view. */
interface ViewState {
  /** Fetches what the view shows and is not here; `poll`: which poll of the server this is. */
  load(poll: number): Promise<void>;
}

interface View {
  /** What its tab says. */
  readonly label: string;
  readonly open: (tab: Tab) => ViewState;
  /**
   * Draws the view. Each page is given the state of the whole tab and names the part that it needs as a type of its own
   * (`FinderTab`); `App` holds the two together. `never` stands for any such part.
   */
  readonly Page: FunctionComponent<{ readonly state: never }>;
  readonly styles: string;
}

export const VIEWS = {
  finder: {
    label: "LR Finder",
    open: ({ runs, settings }: Tab) => new Finder(runs, settings),
    Page: FinderPage,
    styles: finderStyles,
  },
  schedules: {
    label: "Schedules",
    open: ({ runs, settings }: Tab) => new Schedules(runs, settings),
    Page: SchedulesPage,
    styles: schedulesStyles,
  },
  planner: {
    label: "Plan a schedule",
    open: (tab: Tab) => new Planner(tab.settings, () => tab.loadSuggestions()),
    Page: PlannerPage,
    styles: plannerStyles,
  },
} satisfies Readonly<Record<string, View>>;

export type ViewName = keyof typeof VIEWS;
export const VIEW_NAMES = Object.keys(VIEWS) as readonly ViewName[];

/** The state of each view. */
export type ViewStates = { readonly [N in ViewName]: ReturnType<(typeof VIEWS)[N]["open"]> };

export function openViews(tab: Tab): ViewStates {
  return Object.fromEntries(VIEW_NAMES.map((name) => [name, VIEWS[name].open(tab)])) as unknown as ViewStates;
}
