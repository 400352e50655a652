/**
 * The views, in the order of their tabs: another one is a folder, and a row here. One that lists runs also has its predicate in
 * `runs/selection.ts`.
 */

import type { FunctionComponent } from "preact";
import { Compare } from "../compare/compare";
import { Finder } from "../finder/finder";
import { Planner } from "../planner/planner";
import type { Runs } from "../runs/runs";
import { Schedules } from "../schedules/schedules";
import type { Settings } from "../settings/settings";

// Components come after state, and styles last: the bundle packs like beside like smaller, by one per cent. The other pages
// are fetched when somebody opens them.

import { FinderPage } from "../finder/FinderPage";
import { lazily } from "./lazily";

// The sheets.

import finderStyles from "../finder/styles";

/** The part of the tab that a view is opened with. */
export interface Tab {
  readonly runs: Runs;
  readonly settings: Settings;
  /** The method that somebody chose for all suggestions; empty for those that the tests recorded. */
  suggestionMethod(): string;
  /** Fetches the suggestions for the selected runs. */
  loadSuggestions(): Promise<void>;
}

/** The state of a view. */
interface ViewState {
  /** Fetches what the view shows and has not loaded yet; `poll` counts the polls of the server. */
  load(poll: number): Promise<void>;
}

interface View {
  /** The text on its tab. */
  readonly label: string;
  readonly open: (tab: Tab) => ViewState;
  /**
   * Draws the view. Each page is given the state of the whole tab and names the part that it needs as a type of its own
   * (`FinderTab`); `App` holds the two together. `never` stands for any such part.
   */
  readonly Page: FunctionComponent<{ readonly state: never }>;
  /** Empty where the sheet comes with the page. */
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
    Page: lazily(async () => (await import("./pages")).SchedulesPage),
    styles: "",
  },
  settings: {
    label: "Settings",
    open: (tab: Tab) => new Compare(tab.runs, tab.settings, () => tab.suggestionMethod()),
    Page: lazily(async () => (await import("./pages")).ComparePage),
    styles: "",
  },
  planner: {
    label: "Plan a schedule",
    open: (tab: Tab) => new Planner(tab.settings, () => tab.loadSuggestions()),
    Page: lazily(async () => (await import("./pages")).PlannerPage),
    styles: "",
  },
} satisfies Readonly<Record<string, View>>;

export type ViewName = keyof typeof VIEWS;
export const VIEW_NAMES = Object.keys(VIEWS) as readonly ViewName[];

/** The state of each view. */
export type ViewStates = { readonly [N in ViewName]: ReturnType<(typeof VIEWS)[N]["open"]> };

export function openViews(tab: Tab): ViewStates {
  return Object.fromEntries(VIEW_NAMES.map((name) => [name, VIEWS[name].open(tab)])) as unknown as ViewStates;
}
