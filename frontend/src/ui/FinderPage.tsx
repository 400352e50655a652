import { SweepChart } from "../chart/SweepChart";
import { MAX_SMOOTHING } from "../model/finder";
import type { State } from "../model/state";
import { Empty } from "./messages";
import { NothingDrawn } from "./NothingDrawn";
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
  const { finder, runs } = state;
  const shown = finder.runs.shown.value;
  const series = finder.series.value;
  return (
    <div class="main">
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
        isZoomed={finder.zoom.value !== null}
        onResetZoom={() => finder.zoomTo(null)}
      />
      <section class="card chart-card" aria-label="Chart of the selected runs">
        {series.length > 0 ? (
          <SweepChart
            series={series}
            focused={runs.focused.value}
            preferred={runs.preferred.value}
            zoom={finder.zoom.value}
            onZoom={(domain) => finder.zoomTo(domain)}
            picked={finder.picked.value}
            onPick={(rate) => finder.pick(rate)}
            onUsePick={(rate) => state.planWith(rate)}
          />
        ) : (
          <NothingDrawn
            shown={shown}
            isFiltered={finder.runs.listed.value.length === 0}
            isLoading={shown.some(({ trace, curve }) => trace.rows > 0 && !curve)}
          />
        )}
      </section>
      {shown.length > 0 && (
        <Suggestions
          runs={shown}
          use={finder.use.value}
          recommended={finder.methods.value[0]?.label ?? ""}
          onFocus={(id) => runs.focus(id)}
          onPlan={(id) => state.planFrom(id)}
        />
      )}
    </div>
  );
}
