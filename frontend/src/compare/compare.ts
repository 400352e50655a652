/** The state of the Settings view: the suggested rate, or the lowest loss, against a setting of the range tests. */

import { batch, computed, type Signal } from "@preact/signals";
import type { Relation as Drawing } from "../chart/relation/relation";
import type { Domain } from "../chart/scales";
import { isDrawable } from "../chart/zoom";
import { differing } from "../runs/differing";
import { isSweep } from "../runs/run";
import { type Runs, readId, ViewRuns, versionsOf } from "../runs/runs";
import { ServerCache } from "../server/cache";
import { fetchRelation } from "../server/client";
import { RELATION_VALUES, type Relation, type RelationValue } from "../server/types";
import { readDomain } from "../settings/codecs";
import type { Settings } from "../settings/settings";
import { drawingOf, leftOutOf } from "./drawing";

/** The setting that most people ask about first. */
const FIRST = "batch_size";
const KEY = "relation";
/** The scales of an axis: empty for the one that suits its values. */
const SCALES = ["", "log", "linear"] as const;
type Chosen = (typeof SCALES)[number];

/** What was answered, and what it was asked about. */
interface Answer {
  readonly by: string;
  readonly value: RelationValue;
  readonly relation: Relation;
}

export class Compare {
  readonly runs: ViewRuns;
  readonly value: Signal<RelationValue>;
  /** The run that the rules go through. */
  readonly chosen: Signal<string | null>;

  readonly #all: Runs;
  readonly #by: Signal<string>;
  readonly #kinds: { readonly x: Signal<Chosen>; readonly y: Signal<Chosen> };
  readonly #zoom: Signal<Domain | null>;
  readonly #method: () => string;
  readonly #answers = new ServerCache<Answer>();

  /** The settings that differ among the tests. */
  readonly settings = computed(() => differing(this.runs.all.value.map(({ trace }) => trace)));
  /** The setting along the axis; empty where none differs. */
  readonly by = computed(() => {
    const names = this.settings.value;
    return [this.#by.value, FIRST].find((name) => names.includes(name)) ?? names[0] ?? "";
  });
  /** The setting that has a line for each of its values; empty for none. */
  readonly group = computed(() => {
    const name = this.#all.groups.by.value;
    return name !== this.by.value && this.settings.value.includes(name) ? name : "";
  });
  /** The answer to the present question, as far as it came; one about other runs stays until then. */
  readonly relation = computed(() => {
    const answer = this.#answers.get(KEY);
    return answer && answer.by === this.by.value && answer.value === this.value.value ? answer.relation : null;
  });
  readonly drawing = computed((): Drawing | null => {
    const [relation, kinds] = [this.relation.value, { x: this.#kinds.x.value, y: this.#kinds.y.value }];
    const asked = { by: this.by.value, group: this.group.value, value: this.value.value };
    return relation && drawingOf(relation, this.runs.shown.value, asked, kinds);
  });
  /** Sentences about the runs without a point. */
  readonly leftOut = computed(() => {
    const [relation, drawing] = [this.relation.value, this.drawing.value];
    return relation && drawing ? leftOutOf(relation, drawing, this.runs.shown.value) : [];
  });
  readonly zoom = computed(() => {
    const [zoom, drawing] = [this.#zoom.value, this.drawing.value];
    return zoom && drawing && isDrawable(zoom, drawing.kinds) ? zoom : null;
  });
  /** Whether rules can be drawn: a rate follows from another one where the setting is a number. */
  readonly hasRules = computed(() => {
    const point = this.drawing.value?.points.find(({ id }) => id === this.chosen.value);
    return this.value.value === "suggestion" && !this.drawing.value?.isWord && (point?.place ?? 0) > 0;
  });

  /** `method` is the one by which suggestions are made; empty for those that the tests recorded. */
  constructor(runs: Runs, settings: Settings, method: () => string) {
    this.#all = runs;
    this.#method = method;
    this.runs = new ViewRuns(
      runs,
      (trace) => isSweep(trace) && !trace.probe,
      (run) => run,
    );
    this.value = settings.choice("c_value", RELATION_VALUES, "suggestion");
    this.chosen = settings.data("c_run", readId);
    this.#by = settings.text("c_by");
    this.#kinds = { x: settings.choice("c_x", SCALES, ""), y: settings.choice("c_y", SCALES, "") };
    this.#zoom = settings.data("c_zoom", readDomain);
  }

  setBy(name: string): void {
    batch(() => {
      this.#by.value = name;
      // A scale suits the setting that it was chosen for.
      this.setKind("x", "");
    });
  }

  setValue(value: RelationValue): void {
    batch(() => {
      this.value.value = value;
      this.setKind("y", "");
    });
  }

  setKind(axis: "x" | "y", kind: Chosen): void {
    batch(() => {
      this.#kinds[axis].value = kind;
      this.zoomTo(null);
    });
  }

  zoomTo(domain: Domain | null): void {
    this.#zoom.value = domain;
  }

  /** Chooses a run, or none where it is chosen already. */
  choose(id: string | null): void {
    this.chosen.value = id === this.chosen.value ? null : id;
  }

  async load(): Promise<void> {
    const [by, value, group, method, shown] = [
      this.by.value,
      this.value.value,
      this.group.value,
      this.#method(),
      this.runs.shown.value,
    ];
    if (by === "" || shown.length === 0) return;
    const query = { by, value, ...(group && { group }), ...(method && { method }) };
    const version = JSON.stringify([query, shown.map(({ trace }) => trace.id), ...versionsOf(shown)]);
    await this.#answers.update(new Map([[KEY, version]]), async () => {
      // There may be more of them than an address has room for.
      const isAll = shown.length === this.runs.all.value.length;
      const relation = await fetchRelation(isAll ? [] : shown.map(({ trace }) => trace.id), query);
      return [[KEY, { by, value, relation }]];
    });
  }
}
