import type { Listing } from "../model/runs";
import type { State } from "../model/state";
import type { Run } from "../model/view";
import { RunList } from "./RunList";

/** The list of runs as every page with runs has it. */
export function RunSidebar({ state, runs }: { state: State; runs: Listing<Run> }) {
  return (
    <RunList
      runs={runs.all.value}
      listed={runs.listed.value}
      filter={state.runs.filter.value}
      filterError={state.runs.compiledFilter.value.error}
      onFilter={(text) => state.runs.setFilter(text)}
      onSelect={(ids, isSelected) => state.setSelected(ids, isSelected)}
      onFocus={(id) => state.runs.focus(id)}
    />
  );
}
