import { Marks } from "../chart/Marks";
import type { Domain } from "../chart/scales";
import { SweepChart } from "../chart/sweep/SweepChart";
import { ExportMenu } from "../runs/ExportMenu";
import { NothingDrawn } from "../runs/NothingDrawn";
import { RunSidebar, type RunsTab } from "../runs/RunSidebar";
import type { Settings } from "../settings/settings";
import { CopyButton } from "../widgets/CopyButton";
import { exportFinder } from "./exports";
import type { Finder } from "./finder";
import { HowToRead } from "./guide/HowToRead";
import { Multiples } from "./Multiples";
import { NoTests } from "./NoTests";
import { RunningTests } from "./RunningTests";
import { Suggestions } from "./suggestions/Suggestions";
import { Toolbar } from "./Toolbar";

/** The part of the tab that the page needs. */
export interface FinderTab extends RunsTab {
  readonly views: { readonly finder: Finder };
  readonly settings: Settings;
  planFrom(id: string): Promise<void>;
  planWith(rate: number): Promise<void>;
  openTraining(id: string): Promise<void>;
}

/** Loss against learning rate, and the rate to take from it. */
export function FinderPage({ state }: { state: FinderTab }) {
  const { runs } = state.views.finder;
  if (runs.all.value.length === 0) return <NoTests />;
  return (
    <div class="workspace">
      <RunSidebar state={state} runs={runs} />
      <Main state={state} />
    </div>
  );
}

function Main({ state }: { state: FinderTab }) {
  const { runs } = state;
  const { finder } = state.views;
  const { comparison, progress } = finder;
  const shown = finder.runs.shown.value;
  return (
    <div class="main">
      <div class="above-chart">
        <Controls finder={finder} />
        {finder.series.value.length > 0 && <ExportMenu what={() => exportFinder(finder, state.settings)} />}
      </div>
      <RunningTests entries={progress.entries.value} onTold={(id) => progress.forget(id)} />
      <section
        class={`card chart-card${comparison.hasPanels.value ? " panels" : ""}`}
        aria-label="Chart of the selected runs"
      >
        <Chart state={state} />
        <HowToRead shapes={finder.shapes.value} runs={shown} />
      </section>
      {finder.series.value.length > 0 && <Legend finder={finder} />}
      {shown.length > 0 && (
        <Suggestions
          runs={comparison.rows.value}
          total={finder.runs.all.value.length}
          columns={comparison.columns.value}
          order={comparison.order.value}
          onSort={(column) => comparison.sortBy(column)}
          use={finder.useLabel.value}
          recommended={finder.methods.value[0]?.label ?? ""}
          front={runs.focused.value}
          pointed={runs.pointed.value}
          onFocus={(id) => runs.focus(id)}
          onPlan={(id) => state.planFrom(id)}
          onTraining={(id) => state.openTraining(id)}
        />
      )}
    </div>
  );
}

function Controls({ finder }: { finder: Finder }) {
  const { comparison } = finder;
  return (
    <Toolbar
      quantity={finder.quantity.value}
      onQuantity={(quantity) => finder.setQuantity(quantity)}
      columns={finder.columns.value}
      column={finder.column.value}
      monitored={finder.monitored.value}
      onColumn={(name) => finder.setColumn(name)}
      smoothing={finder.smoothing.value}
      onSmoothing={(weight) => finder.setSmoothing(weight)}
      sigma={finder.sigma.value}
      onSigma={(decades) => finder.setSigma(decades)}
      methods={finder.methods.value}
      method={finder.method.value}
      recordedMethods={finder.recordedMethods.value}
      onMethod={(name) => finder.setMethod(name)}
      uses={finder.uses.value}
      use={finder.use.value}
      onUse={(name) => finder.setUse(name)}
      points={finder.hasTrainings.value ? finder.points.value : null}
      onPoints={(points) => finder.setPoints(points)}
      options={finder.options.values.value}
      onOption={(name, value) => finder.setOption(name, value)}
      layouts={finder.series.value.length > 1 ? comparison.layouts.value : []}
      layout={comparison.layout.value}
      onLayout={(layout) => comparison.setLayout(layout)}
      isZoomed={finder.zoom.value !== null}
      onResetZoom={() => finder.zoomTo(null)}
    />
  );
}

function Chart({ state }: { state: FinderTab }) {
  const { runs } = state;
  const { finder } = state.views;
  const { comparison } = finder;
  const series = comparison.drawn.value;
  if (series.length === 0) {
    return (
      <NothingDrawn
        listed={finder.runs.listed.value}
        shown={finder.runs.shown.value}
        isFiltered={runs.filter.value !== ""}
        isLoading={finder.isLoading.value}
        onSelect={(ids, isSelected) => state.setSelected(ids, isSelected)}
      />
    );
  }
  const shared = {
    sweepStyle: finder.sweepStyle.value,
    focused: runs.focused.value,
    preferred: runs.preferred.value,
    zoom: finder.zoom.value,
    onZoom: (domain: Domain | null) => finder.zoomTo(domain),
    onPoint: (id: string | null) => runs.point(id),
  };
  if (comparison.hasPanels.value) {
    return <Multiples {...shared} panels={comparison.panels.value} domain={comparison.domain.value} />;
  }
  return (
    <SweepChart
      {...shared}
      series={series}
      {...(series !== finder.series.value && { domain: comparison.domain.value })}
      picked={finder.picked.value}
      onPick={(rate) => finder.pick(rate)}
      onUsePick={(rate) => state.planWith(rate)}
      pickActions={(rate) => <CopyButton text={String(rate)} label={`Copy ${rate}`} testId="copy-picked" />}
    />
  );
}

/** What the marks stand for, and what could not be drawn. */
function Legend({ finder }: { finder: Finder }) {
  return (
    <div class="legend">
      <Marks marks={finder.legend.value} />
      {finder.notes.value.map((sentence) => (
        <p key={sentence} class="muted" data-testid="chart-notes">
          {sentence}
        </p>
      ))}
    </div>
  );
}
