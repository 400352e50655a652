import { Chart } from "../chart/Chart";
import { MAX_SMOOTHING, type State } from "../model/state";
import type { Run } from "../model/view";
import { Empty, Failure, Loading, Message } from "./messages";
import { RunList } from "./RunList";
import { Suggestions } from "./Suggestions";
import { Toolbar } from "./Toolbar";
import { useTheme } from "./theme";

/** The container: it alone reads the state, and hands plain values and actions to everything below. */
export function App({ state }: { state: State }) {
  const theme = useTheme();
  return (
    <div class="lr-finder" data-testid="lr-finder" data-theme={theme}>
      <Content state={state} />
    </div>
  );
}

function Content({ state }: { state: State }) {
  const problem = state.problem.value;
  if (state.traces.value === null) {
    return problem === null ? <Loading /> : <Failure sentence={problem} onRetry={() => state.retry()} />;
  }
  const banner = problem && <Banner sentence={problem} />;
  if (state.runs.value.length === 0) {
    return (
      <>
        {banner}
        <Empty />
      </>
    );
  }
  return (
    <>
      {banner}
      <div class="workspace">
        <RunList
          runs={state.runs.value}
          listed={state.listed.value}
          filter={state.filter.value}
          filterError={state.compiledFilter.value.error}
          onFilter={(text) => state.setFilter(text)}
          onSelect={(ids, isSelected) => state.setSelected(ids, isSelected)}
          onFocus={(id) => state.focus(id)}
        />
        <Main state={state} />
      </div>
    </>
  );
}

function Main({ state }: { state: State }) {
  const shown = state.shown.value;
  const series = state.series.value;
  return (
    <main>
      <Toolbar
        smoothing={state.smoothing.value}
        maxSmoothing={MAX_SMOOTHING}
        onSmoothing={(weight) => state.setSmoothing(weight)}
        methods={state.methods.value}
        method={state.method.value}
        onMethod={(name) => state.setMethod(name)}
        use={state.use.value}
        onUse={(name) => state.setUse(name)}
        isZoomed={state.zoom.value !== null}
        onResetZoom={() => state.zoomTo(null)}
      />
      <section class="card chart-card" aria-label="Chart of the selected runs">
        {series.length > 0 ? (
          <Chart
            series={series}
            focused={state.focused.value}
            preferred={state.preferred.value}
            zoom={state.zoom.value}
            onZoom={(domain) => state.zoomTo(domain)}
          />
        ) : (
          <NothingDrawn shown={shown} isFiltered={state.listed.value.length === 0} />
        )}
      </section>
      {shown.length > 0 && (
        <Suggestions
          runs={shown}
          use={state.use.value}
          recommended={state.methods.value[0]?.label ?? ""}
          onFocus={(id) => state.focus(id)}
        />
      )}
    </main>
  );
}

function NothingDrawn({ shown, isFiltered }: { shown: readonly Run[]; isFiltered: boolean }) {
  if (isFiltered) return <Message title="No run matches the filter" testId="state-none-selected" />;
  if (shown.length === 0) {
    return (
      <Message title="No run selected" testId="state-none-selected">
        <p>Tick a run in the list to see its curve.</p>
      </Message>
    );
  }
  if (shown.some(({ trace, curve }) => trace.rows > 0 && !curve)) return <Message title="Loading the curves…" />;
  if (shown.some(({ trace }) => trace.status === "running")) {
    return (
      <Message title="Waiting for the first batch">
        <p>The curve appears as soon as the test has recorded its first steps.</p>
      </Message>
    );
  }
  return (
    <Message title="Nothing to draw">
      <p>None of the selected runs has values that can be read; the table says why.</p>
    </Message>
  );
}

function Banner({ sentence }: { sentence: string }) {
  return (
    <div class="banner" role="status" data-testid="banner">
      {sentence.replace(/\.$/, "")}; trying again…
    </div>
  );
}
