import { formatCount } from "../base/numbers";
import { Marks } from "../chart/Marks";
import { RelationChart } from "../chart/relation/RelationChart";
import { legendOf, type Relation } from "../chart/relation/relation";
import { settingTitle } from "../runs/differing";
import { ExportMenu } from "../runs/ExportMenu";
import { Message } from "../runs/messages";
import { NothingDrawn } from "../runs/NothingDrawn";
import { RunSidebar, type RunsTab } from "../runs/RunSidebar";
import type { Settings } from "../settings/settings";
import { ChartToolbar } from "../widgets/ChartToolbar";
import { Popover } from "../widgets/Popover";
import { ScaleChoice } from "../widgets/ScaleChoice";
import { Segments } from "../widgets/Segments";
import { Select } from "../widgets/Select";
import type { Compare } from "./compare";
import { exportCompare } from "./exports";
import { NoSettings } from "./NoSettings";

const VALUES = [
  ["suggestion", "Suggested rate"],
  ["lowest", "Lowest loss"],
] as const;

/** The part of the tab that the page needs. */
export interface CompareTab extends RunsTab {
  readonly views: { readonly settings: Compare };
  readonly settings: Settings;
  openTest(id: string): Promise<void>;
}

/** The suggested rate, or the lowest loss, against a setting of the range tests. */
export function ComparePage({ state }: { state: CompareTab }) {
  const compare = state.views.settings;
  if (compare.runs.all.value.length === 0) return <NoSettings title="No learning rate test yet" />;
  return (
    <div class="workspace">
      <RunSidebar state={state} runs={compare.runs} />
      <div class="main">
        {compare.by.value === "" ? <NoSettings title="No setting differs yet" /> : <Main state={state} />}
      </div>
    </div>
  );
}

function Main({ state }: { state: CompareTab }) {
  const compare = state.views.settings;
  const drawing = compare.drawing.value;
  return (
    <>
      <div class="above-chart">
        <Controls state={state} />
        {drawing && <ExportMenu what={() => exportCompare(compare, state.settings)} />}
      </div>
      <Sentences list={compare.relation.value?.sentences ?? []} testId="relation-sentence" />
      <section class="card chart-card" aria-label="Chart of the selected runs">
        <Chart state={state} />
      </section>
      {drawing && drawing.points.length > 0 && (
        <div class="legend">
          <Marks marks={legendOf(drawing, compare.hasRules.value)} />
          <Choice state={state} drawing={drawing} />
        </div>
      )}
      <Sentences list={compare.leftOut.value} testId="left-out" />
    </>
  );
}

function Sentences({ list, testId }: { readonly list: readonly string[]; readonly testId: string }) {
  if (list.length === 0) return null;
  return (
    <div>
      {list.map((sentence) => (
        <p key={sentence} data-testid={testId}>
          {sentence}
        </p>
      ))}
    </div>
  );
}

function Controls({ state }: { state: CompareTab }) {
  const compare = state.views.settings;
  const drawing = compare.drawing.value;
  const options = compare.settings.value.map((name) => [name, settingTitle(name)] as const);
  const listed = compare.runs.listed.value.map(({ trace }) => trace.id);
  return (
    <ChartToolbar isZoomed={compare.zoom.value !== null} onResetZoom={() => compare.zoomTo(null)}>
      <label class="field">
        Setting
        <Select testId="setting" options={options} value={compare.by.value} onChange={(name) => compare.setBy(name)} />
      </label>
      <Segments
        label="Value"
        name="relation-value"
        options={VALUES}
        value={compare.value.value}
        onChange={(value) => compare.setValue(value)}
      />
      {drawing && (
        <Popover label="Axes" testId="axes">
          {!drawing.isWord && (
            <ScaleChoice
              label={settingTitle(compare.by.value)}
              name="setting-scale"
              value={drawing.kinds.x}
              onChange={(kind) => compare.setKind("x", kind)}
            />
          )}
          <ScaleChoice
            label="Value"
            name="value-scale"
            value={drawing.kinds.y}
            onChange={(kind) => compare.setKind("y", kind)}
          />
        </Popover>
      )}
      {compare.runs.shown.value.length < listed.length && (
        <button type="button" class="primary" data-testid="show-all" onClick={() => state.setSelected(listed, true)}>
          Show all {formatCount(listed.length)}
        </button>
      )}
    </ChartToolbar>
  );
}

function Chart({ state }: { state: CompareTab }) {
  const { runs } = state;
  const compare = state.views.settings;
  const [drawing, shown] = [compare.drawing.value, compare.runs.shown.value];
  const places = new Set(drawing?.points.map(({ place }) => place));
  if (drawing && shown.length > 0 && places.size === 1) {
    return (
      <Message title={`All selected runs have the ${drawing.names.x} ${drawing.points[0]!.at}`} testId="one-value">
        <p>Select runs with other values in the list, or another setting above.</p>
      </Message>
    );
  }
  if (!drawing || places.size === 0) {
    return (
      <NothingDrawn
        listed={compare.runs.listed.value}
        shown={shown}
        isFiltered={runs.filter.value !== ""}
        isLoading={drawing === null}
        onSelect={(ids, isSelected) => state.setSelected(ids, isSelected)}
      />
    );
  }
  return (
    <RelationChart
      relation={drawing}
      chosen={compare.chosen.value}
      onChoose={(id) => compare.choose(id)}
      hasRules={compare.hasRules.value}
      focused={runs.focused.value}
      onPoint={(id) => runs.point(id)}
      zoom={compare.zoom.value}
      onZoom={(domain) => compare.zoomTo(domain)}
    />
  );
}

/** The chosen run, and the way to its test; before one is chosen, how to. */
function Choice({ state, drawing }: { state: CompareTab; drawing: Relation }) {
  const compare = state.views.settings;
  const point = drawing.points.find(({ id }) => id === compare.chosen.value);
  if (!point) return <p class="muted">Click a point to choose its run.</p>;
  return (
    <p data-testid="chosen-run">
      {point.label}: {drawing.names.x} {point.at}, {drawing.names.y} {point.cells[0]}{" "}
      <button type="button" class="quiet" data-testid="open-test" onClick={() => state.openTest(point.id)}>
        Open in LR Finder
      </button>
    </p>
  );
}
