import { SweepChart, type SweepChartProps } from "../chart/SweepChart";
import type { Comparison } from "../model/comparison";
import { exportFinder } from "../model/exports";
import { MAX_SMOOTHING } from "../model/finder";
import type { State } from "../model/state";
import { CopyButton } from "./CopyButton";
import { ExportMenu } from "./ExportMenu";
import { HowToRead } from "./HowToRead";
import { Multiples } from "./Multiples";
import { Empty } from "./messages";
import { NothingDrawn } from "./NothingDrawn";
import { Progress } from "./Progress";
import { RunSidebar } from "./RunSidebar";
import { Suggestions } from "./Suggestions";
import { Toolbar } from "./Toolbar";

/** Loss against learning rate, and the rate to take from it. */
export function FinderPage({ state }: { state: State }) {
  const { runs } = state.finder;
  if (runs.all.value.length === 0) return <Empty />;
  return (
    <div class="workspace">
      <RunSidebar state={state} runs={runs} />
      <Main state={state} />
    </div>
  );
}

function Main({ state }: { state: State }) {
  const { finder, comparison, runs } = state;
  const shown = finder.runs.shown.value;
  const series = finder.series.value;
  return (
    <main>
      <div class="above-chart">
        <Toolbar
          smoothing={finder.smoothing.value}
          maxSmoothing={MAX_SMOOTHING}
          onSmoothing={(weight) => finder.setSmoothing(weight)}
          methods={finder.methods.value}
          method={finder.method.value}
          onMethod={(name) => finder.setMethod(name)}
          use={finder.use.value}
          onUse={(name) => finder.setUse(name)}
          points={finder.hasTrainings.value ? finder.points.value : null}
          onPoints={(points) => finder.setPoints(points)}
          layout={series.length > 1 ? comparison.layout.value : null}
          onLayout={(layout) => comparison.setLayout(layout)}
          isZoomed={finder.zoom.value !== null}
          onResetZoom={() => finder.zoomTo(null)}
        />
        {series.length > 0 && <ExportMenu what={() => exportFinder(state)} />}
      </div>
      <Progress entries={state.progress.entries.value} onTold={(id) => state.progress.forget(id)} />
      <section class="card chart-card" aria-label="Chart of the selected runs">
        {series.length > 0 ? (
          <Chart
            comparison={comparison}
            series={series}
            focused={runs.focused.value}
            preferred={runs.preferred.value}
            zoom={finder.zoom.value}
            onZoom={(domain) => finder.zoomTo(domain)}
            picked={finder.picked.value}
            onPick={(rate) => finder.pick(rate)}
            onUsePick={(rate) => state.planWith(rate)}
            pickActions={(rate) => <CopyButton text={String(rate)} label={`Copy ${rate}`} testId="copy-picked" />}
            onPoint={(id) => runs.point(id)}
          />
        ) : (
          <NothingDrawn
            shown={shown}
            isFiltered={finder.runs.listed.value.length === 0}
            isLoading={shown.some(({ trace, curve }) => trace.rows > 0 && !curve)}
          />
        )}
        <HowToRead runs={shown} />
      </section>
      {shown.length > 0 && (
        <Suggestions
          runs={comparison.rows.value}
          total={finder.runs.all.value.length}
          columns={comparison.columns.value}
          order={comparison.order.value}
          onSort={(column) => comparison.sortBy(column)}
          use={finder.use.value}
          recommended={finder.methods.value[0]?.label ?? ""}
          front={runs.focused.value}
          pointed={runs.pointed.value}
          onFocus={(id) => runs.focus(id)}
          onPlan={(id) => state.planFrom(id)}
        />
      )}
    </main>
  );
}

/** The runs in one chart, or in one each. */
function Chart({ comparison, series, ...shared }: SweepChartProps & { comparison: Comparison }) {
  if (series.length < 2 || comparison.layout.value === "one") return <SweepChart {...shared} series={series} />;
  return <Multiples {...shared} panels={comparison.panels.value} domain={comparison.domain.value} />;
}
