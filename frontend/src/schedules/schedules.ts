/** The state of the Schedules view: the learning rate over time, with a scalar beside it. */

import { batch, computed, type Signal, signal } from "@preact/signals";
import { sortedByName } from "../base/collation";
import { memoize } from "../base/memoize";
import { clamp } from "../base/numbers";
import { plannedDash, TAGS_AT_MOST } from "../chart/palette";
import { type Interval, SCALE_KINDS, type ScaleKind } from "../chart/scales";
import type { ScheduleZoom } from "../chart/schedule/lines";
import { canShow } from "../chart/zoom";
import { Related } from "../runs/related";
import { isSchedule, type Run } from "../runs/run";
import { type Runs, ViewRuns, versionsOf } from "../runs/runs";
import { byId, ServerCache } from "../server/cache";
import { fetchProbes, fetchScalar, fetchScalars, fetchSchedules } from "../server/client";
import type { Probes, Scalar, ScalarName, Schedule, Trace, Unreadable, UnreadableScalar } from "../server/types";
import { readScheduleZoom } from "../settings/codecs";
import type { Settings } from "../settings/settings";
import { leftOut, linesOf, type ScheduleRun, X_AXES, type XAxis } from "./lines";
import { choose, missing, overlaysOf } from "./overlays";
import { probeLinesOf } from "./probes";

/** The time for which a list of scalars is kept: it may be long and seldom changes. */
const LIST_LASTS_MS = 10_000;
const LIST = "all";
/** The greatest weight that TensorBoard's Scalars tab takes, too. */
export const MAX_SMOOTHING = 0.999;

export class Schedules {
  readonly xAxis: Signal<XAxis>;
  readonly yScale: Signal<ScaleKind>;
  /** The tags of the scalars to lay over, a line each. */
  readonly #tagText: Signal<string>;
  readonly tagFilter = signal("");
  /** The scale of the scalars. */
  readonly tagScale: Signal<ScaleKind>;
  /** The weight of TensorBoard's moving average over the scalars. */
  readonly smoothing: Signal<number>;
  /** Whether the rates that probes found are drawn. */
  readonly hasBands: Signal<boolean>;
  /** The part that is shown, as far as the axes can show it; null for all. */
  readonly zoom = computed(() => {
    const zoom = this.#zoom.value;
    if (!zoom || !canShow(zoom.x, "linear")) return null;
    const part = (interval: Interval | null, kind: ScaleKind) =>
      interval && canShow(interval, kind) ? interval : null;
    return { x: zoom.x, y: part(zoom.y, this.yScale.value), right: part(zoom.right, this.tagScale.value) };
  });
  readonly runs: ViewRuns<ScheduleRun>;

  readonly #all: Runs;
  readonly #zoom: Signal<ScheduleZoom | null>;
  readonly #schedules = new ServerCache<Schedule | Unreadable>();
  readonly #probes = new ServerCache<Probes | Unreadable>();
  readonly #related = new Related();
  readonly #names = new ServerCache<readonly ScalarName[]>();
  readonly #scalars = new ServerCache<Scalar | UnreadableScalar>();

  readonly #scalarNames = computed(() => this.#names.get(LIST) ?? []);
  readonly tags = computed(() => sortedByName([...new Set(this.#scalarNames.value.map(({ tag }) => tag))], String));
  readonly lines = computed(() => linesOf(this.runs.shown.value, this.xAxis.value));
  readonly #probeLines = computed(() => probeLinesOf(this.runs.shown.value, this.xAxis.value));
  readonly hasProbes = computed(() => this.#probeLines.value.length > 0);
  readonly probes = computed(() => (this.hasBands.value ? this.#probeLines.value : []));
  /** The tags to lay over, the one of the axis first. */
  readonly chosenTags = computed(() =>
    [...new Set(this.#tagText.value.split("\n"))].filter((tag) => tag !== "").slice(0, TAGS_AT_MOST),
  );
  readonly #choices = computed(() =>
    this.chosenTags.value.map((tag) => choose(this.#scalarNames.value, tag, this.#traces, this.runs.shown.value)),
  );
  readonly #chosen = computed(() => this.#choices.value.flatMap(({ names }) => names));
  readonly #answers = computed(() => this.#chosen.value.flatMap((name) => this.#scalars.get(keyOf(name)) ?? []));
  readonly #loaded = computed(() => this.#answers.value.flatMap((scalar) => ("error" in scalar ? [] : scalar)));
  readonly #unreadable = computed(() => this.#answers.value.flatMap((scalar) => ("error" in scalar ? scalar : [])));
  readonly overlays = computed(() =>
    overlaysOf(this.#loaded.value, this.#traces, this.runs.shown.value, this.xAxis.value, this.smoothing.value),
  );
  /** Sentences about what is not drawn. */
  readonly notes = computed(() => [...leftOut(this.runs.shown.value, this.xAxis.value), ...this.#missing()]);

  constructor(runs: Runs, settings: Settings) {
    this.#all = runs;
    this.xAxis = settings.choice<XAxis>("s_x", X_AXES, "step");
    this.yScale = settings.choice<ScaleKind>("s_y", SCALE_KINDS, "log");
    this.#tagText = settings.text("s_tag");
    this.tagScale = settings.choice<ScaleKind>("s_tag_y", SCALE_KINDS, "linear");
    this.smoothing = settings.number("s_smoothing", 0, [0, MAX_SMOOTHING]);
    this.hasBands = settings.flag("s_bands", true);
    this.#zoom = settings.data("s_zoom", readScheduleZoom);
    this.runs = new ViewRuns(runs, isSchedule, (run) => this.#extend(run));
  }

  setXAxis(name: string): void {
    batch(() => {
      this.xAxis.value = X_AXES.find((axis) => axis === name) ?? this.xAxis.value;
      this.zoomTo(null);
    });
  }

  setYScale(kind: ScaleKind): void {
    batch(() => {
      this.yScale.value = kind;
      if (this.zoom.value) this.zoomTo({ ...this.zoom.value, y: null });
    });
  }

  /** Chooses a tag in place of the one at an index, none for an empty one. */
  setTag(tag: string, index = 0): void {
    batch(() => {
      this.#tagText.value = this.chosenTags.value.toSpliced(index, 1, tag).filter(Boolean).join("\n");
      if (this.zoom.value) this.zoomTo({ ...this.zoom.value, right: null });
    });
  }

  setTagScale(kind: ScaleKind): void {
    batch(() => {
      this.tagScale.value = kind;
      if (this.zoom.value) this.zoomTo({ ...this.zoom.value, right: null });
    });
  }

  setSmoothing(weight: number): void {
    if (Number.isFinite(weight)) this.smoothing.value = clamp(weight, 0, MAX_SMOOTHING);
  }

  setTagFilter(text: string): void {
    this.tagFilter.value = text;
  }

  setBands(hasBands: boolean): void {
    this.hasBands.value = hasBands;
  }

  zoomTo(zoom: ScheduleZoom | null): void {
    this.#zoom.value = zoom;
  }

  /**
   * Fetches what changed in the selected schedules, and the scalars to lay over them. `poll` counts the polls of the
   * server: each of them loads the scalars anew, which do not say whether they grew.
   */
  async load(poll: number): Promise<void> {
    const age = Math.floor(Date.now() / LIST_LASTS_MS);
    const names = new Map(this.#chosen.value.map((name) => [keyOf(name), name]));
    await Promise.all([
      this.#schedules.update(versionsOf(this.runs.all.value), async (ids) => byId(await fetchSchedules(ids))),
      this.#probes.update(this.#probeVersions(), async (ids) => byId(await fetchProbes(ids))),
      this.#related.load(this.#all, trainings(this.runs.all.value)),
      this.#names.update(new Map([[LIST, String(age)]]), async () => [[LIST, await fetchScalars()]]),
      this.#scalars.update(new Map([...names.keys()].map((key) => [key, String(poll)])), (keys) =>
        Promise.all(keys.map(async (key) => [key, await fetchScalar(names.get(key)!)] as const)),
      ),
    ]);
  }

  get #traces() {
    return this.#all.traces.value ?? [];
  }

  /** The version of the probes of each chosen training, which changes with any probe: only the server knows whose they are. */
  #probeVersions(): Map<string, string> {
    const probes = this.#traces.filter(({ probe }) => probe);
    const version = probes.map(({ id, rows, status }) => `${id} ${rows} ${status}`).join();
    const chosen = probes.length > 0 ? trainings(this.runs.all.value).filter(({ isSelected }) => isSelected) : [];
    return new Map(chosen.map(({ trace: { id, status } }) => [id, `${status} ${version}`]));
  }

  #missing(): string[] {
    const isOf = (tag: string) => (scalar: ScalarName) => scalar.tag === tag;
    return [
      ...this.chosenTags.value.flatMap((tag, index) =>
        missing(
          tag,
          this.#choices.value[index]!,
          this.#loaded.value.filter(isOf(tag)),
          this.overlays.value.filter(isOf(tag)),
          this.xAxis.value,
          this.tagScale.value,
        ),
      ),
      ...this.#unreadable.value.map(({ run, tag, error }) => `${tag} of ${run} cannot be drawn. ${error}`),
    ];
  }

  #probesOf({ id }: Trace): ScheduleRun["probes"] {
    const found = this.#probes.get(id) ?? NO_PROBES;
    return "points" in found ? found : unreadable(found);
  }

  #extend(run: Run): ScheduleRun {
    const loaded = this.#schedules.get(run.trace.id);
    const dash = run.trace.kind === "plan" ? plannedDash(run.dash) : run.dash;
    const shared = { ...run, dash, probes: this.#probesOf(run.trace), pairs: this.#related.of(run.trace) };
    if (!loaded || "step" in loaded) return { ...shared, schedule: loaded };
    return { ...shared, error: loaded.error, schedule: undefined };
  }
}

const NO_PROBES: ScheduleRun["probes"] = { points: [], sentences: [], error: null };

/** The same object for the same reason, so that its run stays the same too. */
const unreadable = memoize(({ error }: Unreadable): ScheduleRun["probes"] => ({ ...NO_PROBES, error }));

function trainings(runs: readonly Run[]): Run[] {
  return runs.filter(({ trace }) => trace.kind === "training");
}

function keyOf({ run, tag }: ScalarName): string {
  return `${run}\n${tag}`;
}
