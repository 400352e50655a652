import { Failure, Loading } from "../runs/messages";
import type { State } from "./state";
import { PANEL, Tabs, tabId } from "./Tabs";
import { useTheme } from "./theme";
import { VIEWS } from "./views";

/** The frame around the views. The pages alone read the state, and hand plain values and actions to all below them. */
export function App({ state }: { state: State }) {
  const theme = useTheme();
  const view = state.view.value;
  return (
    <main class="lr-finder" data-testid="lr-finder" data-theme={theme}>
      <h1 class="unseen">Learning rates</h1>
      <Tabs view={view} onView={(name) => state.setView(name)} />
      <div id={PANEL} class="panel" role="tabpanel" aria-labelledby={tabId(view)}>
        <Page state={state} />
      </div>
    </main>
  );
}

function Page({ state }: { state: State }) {
  const problem = state.status.problem.value;
  if (state.runs.traces.value === null) {
    return problem === null ? <Loading /> : <Failure sentence={problem} onRetry={() => state.retry()} />;
  }
  const View = VIEWS[state.view.value].Page;
  return (
    <>
      {problem && (
        <div class="banner" role="status" data-testid="banner">
          {problem.replace(/\.$/, "")}; trying again…
        </div>
      )}
      <View state={state} />
    </>
  );
}
