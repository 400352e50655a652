import { ownDomains } from "../chart/schedule/domain";
import { legendOf } from "../chart/schedule/probeLines";
import { ScheduleChart } from "../chart/schedule/ScheduleChart";
import { ExportMenu } from "../runs/ExportMenu";
import { Message } from "../runs/messages";
import { NothingDrawn } from "../runs/NothingDrawn";
import { RunSidebar, type RunsTab } from "../runs/RunSidebar";
import type { Settings } from "../settings/settings";
import { exportSchedules } from "./exports";
import { Legend } from "./Legend";
import { NoSchedules } from "./NoSchedules";
import type { Schedules } from "./schedules";
import { Table } from "./Table";
import { Toolbar } from "./Toolbar";
import { X_CHART_AXES } from "./xAxes";

/** The part of the tab that the page needs. */
export interface SchedulesTab extends RunsTab {
  readonly views: { readonly schedules: Schedules };
  readonly settings: Settings;
  openTest(id: string): Promise<void>;
}

/** The learning rate over the course of trainings, against plans, with a scalar beside it. */
export function SchedulesPage({ state }: { state: SchedulesTab }) {
  const { runs } = state.views.schedules;
  if (runs.all.value.length === 0) return <NoSchedules />;
  return (
    <div class="workspace">
      <RunSidebar state={state} runs={runs} />
      <Main state={state} />
    </div>
  );
}

function Main({ state }: { state: SchedulesTab }) {
  const { runs } = state;
  const { schedules } = state.views;
  const shown = schedules.runs.shown.value;
  const overlays = schedules.overlays.value;
  return (
    <div class="main">
      <div class="above-chart">
        <Toolbar
          xAxis={schedules.xAxis.value}
          onXAxis={(name) => schedules.setXAxis(name)}
          yScale={schedules.yScale.value}
          onYScale={(kind) => schedules.setYScale(kind)}
          tags={schedules.tags.value}
          chosenTags={schedules.chosenTags.value}
          onTag={(tag, index) => schedules.setTag(tag, index)}
          tagFilter={schedules.tagFilter.value}
          onTagFilter={(text) => schedules.setTagFilter(text)}
          tagScale={schedules.tagScale.value}
          onTagScale={(kind) => schedules.setTagScale(kind)}
          smoothing={schedules.smoothing.value}
          onSmoothing={(weight) => schedules.setSmoothing(weight)}
          hasBands={schedules.hasProbes.value ? schedules.hasBands.value : null}
          onBands={(hasBands) => schedules.setBands(hasBands)}
          isZoomed={schedules.zoom.value !== null}
          onResetZoom={() => schedules.zoomTo(null)}
        />
        {schedules.lines.value.length > 0 && (
          <ExportMenu what={() => exportSchedules(schedules, state.settings, runs.preferred.value)} />
        )}
      </div>
      <section class="card chart-card" aria-label="Chart of the selected runs">
        <Chart state={state} />
      </section>
      <Legend
        marks={legendOf(schedules.probes.value, runs.focused.value ?? runs.preferred.value)}
        overlays={overlays}
        own={ownDomains(overlays, schedules.tagScale.value)}
        notes={schedules.notes.value}
      />
      {shown.length > 0 && <Table runs={shown} onFocus={(id) => runs.focus(id)} onTest={(id) => state.openTest(id)} />}
    </div>
  );
}

function Chart({ state }: { state: SchedulesTab }) {
  const { runs } = state;
  const { schedules } = state.views;
  const lines = schedules.lines.value;
  if (lines.length > 0) {
    return (
      <ScheduleChart
        lines={lines}
        overlays={schedules.overlays.value}
        probes={schedules.probes.value}
        xAxis={X_CHART_AXES[schedules.xAxis.value]}
        yKind={schedules.yScale.value}
        rightKind={schedules.tagScale.value}
        focused={runs.focused.value}
        preferred={runs.preferred.value}
        zoom={schedules.zoom.value}
        onZoom={(zoom) => schedules.zoomTo(zoom)}
        onPoint={(id) => runs.point(id)}
        onProbe={(id) => state.openTest(id)}
        testId="schedule-chart"
      />
    );
  }
  const shown = schedules.runs.shown.value;
  if (shown.some(({ schedule }) => schedule && schedule.step.length > 0)) {
    return <Message title="Nothing to draw over this axis" />;
  }
  return (
    <NothingDrawn
      listed={schedules.runs.listed.value}
      shown={shown}
      isFiltered={runs.filter.value !== ""}
      isLoading={shown.some(({ trace, schedule, error }) => trace.rows > 0 && !schedule && error === null)}
      onSelect={(ids, isSelected) => state.setSelected(ids, isSelected)}
    />
  );
}
