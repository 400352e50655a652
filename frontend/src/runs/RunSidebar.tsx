import { GroupChoice } from "./GroupChoice";
import { RunList } from "./RunList";
import type { Run } from "./run";
import type { Runs, ViewRuns } from "./runs";

/** The part of the tab that a page with runs needs. */
export interface RunsTab {
  readonly runs: Runs;
  setSelected(ids: readonly string[], isSelected: boolean): Promise<void>;
  selectOnly(id: string, among: readonly string[]): Promise<void>;
  pin(id: string): Promise<void>;
}

/** The list of runs that all pages with runs have. */
export function RunSidebar({ state, runs }: { state: RunsTab; runs: ViewRuns<Run> }) {
  const { groups } = state.runs;
  return (
    <RunList
      runs={runs.all.value}
      listed={runs.listed.value}
      omitted={state.runs.omitted.value}
      filter={state.runs.filter.value}
      filterError={state.runs.compiledFilter.value.error}
      onFilter={(text) => state.runs.setFilter(text)}
      onSelect={(ids, isSelected) => state.setSelected(ids, isSelected)}
      onOnly={(id) =>
        state.selectOnly(
          id,
          runs.all.value.map(({ trace }) => trace.id),
        )
      }
      onPin={(id) => state.pin(id)}
      onFocus={(id) => state.runs.focus(id)}
    >
      {runs.all.value.length > 1 && (
        <GroupChoice
          offered={groups.offered.value}
          by={groups.by.value}
          onBy={(name) => groups.setBy(name)}
          expression={groups.expression.value}
          onExpression={(text) => groups.setExpression(text)}
          error={groups.grouping.value.error}
          groups={runs.groups.value}
          onSelect={(ids, isSelected) => state.setSelected(ids, isSelected)}
        />
      )}
    </RunList>
  );
}
