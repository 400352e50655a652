import { STEP_AXIS } from "../chart/axis";
import { Marks } from "../chart/Marks";
import { ScheduleChart } from "../chart/schedule/ScheduleChart";
import { ExportMenu } from "../runs/ExportMenu";
import { Message } from "../runs/messages";
import type { Run } from "../runs/run";
import type { Settings } from "../settings/settings";
import { ChartToolbar } from "../widgets/ChartToolbar";
import { CopyButton } from "../widgets/CopyButton";
import { ScaleChoice } from "../widgets/ScaleChoice";
import { exportRecipe } from "./exports";
import { hasEdge } from "./lines";
import { PlanForm } from "./PlanForm";
import type { Planner } from "./planner";

/** The part of the tab that the page needs. */
export interface PlannerTab {
  readonly views: { readonly planner: Planner };
  readonly settings: Settings;
  /** The runs that a schedule can start from. */
  readonly plannable: { readonly value: readonly Run[] };
  planFrom(id: string): Promise<void>;
}

/** A schedule from a rate: choose it, see it, copy the code that builds it. */
export function PlannerPage({ state }: { state: PlannerTab }) {
  const { planner } = state.views;
  return (
    <div class="workspace">
      <PlanForm
        runs={state.plannable.value}
        onRun={(id) => state.planFrom(id)}
        recipes={planner.recipes.value}
        recipe={planner.recipe.value}
        onRecipe={(name) => planner.choose(name)}
        fields={planner.fields.value}
        onType={(key, text) => planner.type(key, text)}
        origin={planner.origin.value}
        suggested={planner.suggested.value}
        onTakeSuggested={() => planner.takeSuggested()}
        problem={planner.problem.value}
        framework={planner.framework.value}
        onFramework={(framework) => planner.codeFor(framework)}
        isFineTuning={planner.fineTuning.value !== ""}
        onFineTune={(isWanted) => planner.fineTune(isWanted)}
        built={planner.built.value}
      />
      <div class={planner.problem.value === null ? "main" : "main stale"}>
        <div class="above-chart">
          <ChartToolbar isZoomed={planner.zoom.value !== null} onResetZoom={() => planner.zoomTo(null)}>
            <ScaleChoice
              label="Learning rate"
              name="y-scale"
              value={planner.yScale.value}
              onChange={(kind) => planner.setYScale(kind)}
            />
            {planner.built.value && (
              <button type="button" data-testid="keep-plan" onClick={() => planner.keep(planner.kept.value === null)}>
                {planner.kept.value ? "Remove comparison" : "Keep for comparison"}
              </button>
            )}
          </ChartToolbar>
          {planner.built.value && <ExportMenu what={() => exportRecipe(planner, state.settings)} />}
        </div>
        <Result planner={planner} />
      </div>
    </div>
  );
}

function Result({ planner }: { planner: Planner }) {
  const [built, lines, edge] = [planner.built.value, planner.lines.value, planner.edge.value];
  if (!built) return planner.problem.value === null ? <Message title="Building the schedule…" /> : null;
  return (
    <>
      <section class="card chart-card" aria-label="The schedule">
        <ScheduleChart
          lines={lines}
          overlays={NO_OVERLAYS}
          xAxis={STEP_AXIS}
          yKind={planner.yScale.value}
          focused={null}
          preferred={null}
          zoom={planner.zoom.value}
          onZoom={(zoom) => planner.zoomTo(zoom)}
          testId="plan-chart"
        />
      </section>
      <div class="legend">
        <Marks marks={lines} />
        {edge !== null && !hasEdge(built, edge, planner.yScale.value) && (
          <p class="muted">The blow-up edge lies above: Log shows it.</p>
        )}
      </div>
      <section class="card code" aria-label="The code that builds it">
        <pre data-testid="recipe-code">
          <code>{built.code}</code>
        </pre>
        <CopyButton text={built.code} label="Copy the code" testId="copy-code" />
      </section>
    </>
  );
}

const NO_OVERLAYS: readonly [] = [];
