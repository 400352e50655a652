/** The runs of the LR Finder view, and their data: curves, the details of long ones, slopes, and suggestions. */

import type { Interval } from "../chart/scales";
import type { Quantity } from "../chart/sweep/series";
import type { Run } from "../runs/run";
import { byId, ServerCache } from "../server/cache";
import { fetchCurves, fetchSlopes, fetchSuggestions, type Query } from "../server/client";
import type { Curve, Pair, Points, Slope, Suggestion, Trace, Unreadable, Use } from "../server/types";

/** The number of rows, about, to which longer curves are thinned: several for each pixel. */
const MAX_POINTS = 4_000;

/** A run of the LR Finder view. */
export interface SweepRun extends Run {
  /** Undefined until loaded. */
  readonly curve: Curve | Unreadable | undefined;
  readonly suggestion: Suggestion | undefined;
  /** The label of the method of the suggestion; null without one. */
  readonly method: string | null;
  /** The suggestion for the chosen use; null where there is none. */
  readonly use: Use | null;
  /** The Python that sets a constant rate; null for schedules, whose code the planner has. */
  readonly code: string | null;
  /** The trainings that belong to it. */
  readonly pairs: readonly Pair[];
}

/** The choices that the data of every trace depend on. */
export interface SweepQuery {
  readonly quantity: Quantity;
  /** Empty for the one that each trace monitors. */
  readonly column: string;
  readonly by: Points;
  readonly skipStart: number;
  readonly skipEnd: number;
  readonly smoothing: number;
  /** The standard deviation of the smoothing of slopes, in decades. */
  readonly sigma: number;
  /** Empty for the one that each test recorded. */
  readonly method: string;
  /** The rates in view; null for all. */
  readonly window: Interval | null;
}

/** The rows of a curve, with the smoothing and the window of their request: the server applies them to long curves. */
export interface LoadedCurve {
  readonly rows: Curve | Unreadable;
  readonly smoothing: number;
  readonly window: Interval | null;
}

export class Sweeps {
  /** The curves over all rates, the long ones thinned. */
  readonly curves = new ServerCache<LoadedCurve>();
  /** The part in view of the thinned curves. */
  readonly details = new ServerCache<LoadedCurve>();
  readonly slopes = new ServerCache<Slope | Unreadable>();
  readonly suggestions = new ServerCache<Suggestion | Unreadable>();

  /** Fetches the data that are not loaded yet. `versions` holds the version of the rows of each trace, by id. */
  async load(traces: readonly Trace[], versions: ReadonlyMap<string, string>, query: SweepQuery): Promise<void> {
    const { quantity, column, by, skipStart, skipEnd, smoothing, sigma, method, window } = query;
    const versioned = (some: readonly Trace[], versionOf: (trace: Trace) => string) =>
      new Map(some.map((trace) => [trace.id, versionOf(trace)]));
    const recorded = ({ id, kind }: Trace) => `${versions.get(id)} ${kind === "training" ? by : ""}`;
    const part = (trace: Trace) => `${recorded(trace)} ${column} ${skipStart} ${skipEnd}`;
    const shared = partQuery(query);

    const coarse = traces.filter(({ id }) => isCoarse(this.curves.get(id), query));
    await Promise.all([
      this.curves.update(versioned(traces, part), (ids) => loadCurves(ids, shared, smoothing, null)),
      this.details.update(
        versioned(quantity === "value" ? coarse : [], (trace) => `${part(trace)} ${smoothing} ${window}`),
        (ids) => loadCurves(ids, shared, smoothing, window),
      ),
      this.slopes.update(
        versioned(quantity === "slope" ? traces : [], (trace) => `${part(trace)} ${sigma}`),
        async (ids) => byId(await fetchSlopes(ids, { ...shared, sigma: String(sigma) })),
      ),
      this.suggestions.update(
        versioned(traces, (trace) => `${recorded(trace)} ${trace.status} ${trace.trials.length} ${method}`),
        async (ids) => byId(await fetchSuggestions(ids, suggestionQuery(method, by))),
      ),
    ]);
  }
}

/** Whether a curve is thinned, and has another smoothing or spans more than the view. */
export function isCoarse(curve: LoadedCurve | undefined, { smoothing, window }: SweepQuery): boolean {
  if (!curve || "error" in curve.rows || curve.rows.isWhole) return false;
  return curve.smoothing !== smoothing || window !== null;
}

async function loadCurves(
  ids: readonly string[],
  query: Query,
  smoothing: number,
  window: Interval | null,
): Promise<(readonly [string, LoadedCurve])[]> {
  const [lower, upper] = window ?? [];
  const curves = await fetchCurves(ids, {
    ...query,
    max_points: String(MAX_POINTS),
    smoothing: String(smoothing),
    ...(window && { lower: String(Math.max(lower!, 0)), upper: String(upper) }),
  });
  return curves.map((rows) => [rows.id, { rows, smoothing, window }] as const);
}

/** The arguments that differ from the server's defaults. */
function partQuery({ column, by, skipStart, skipEnd }: SweepQuery): Query {
  return {
    ...byQuery(by),
    ...(column !== "" && { column }),
    ...(skipStart > 0 && { skip_start: String(skipStart) }),
    ...(skipEnd > 0 && { skip_end: String(skipEnd) }),
  };
}

/** The arguments of suggestions by a method, empty for the one that each test recorded. */
export function suggestionQuery(method: string, by: Points): Query {
  return { ...(method !== "" && { method }), ...byQuery(by) };
}

function byQuery(by: Points): Query {
  return by === "epoch" ? { by } : {};
}
