"""The tabs that are measured, and what is done to them: the same gestures for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import FloatRect, Frame, Locator

from benchmarks.tab.pages import ProbedPage, Shown


@dataclass(frozen=True)
class Tab:
    """Where a tab of TensorBoard has what is measured.

    Attributes:
        name: As the table calls it.
        fragment: Its address within TensorBoard.
        label: What its button in TensorBoard's bar says.
        source: Part of the address of the frame it lives in; empty for TensorBoard's own page.
        requests: Part of the address of all its requests.
        drawn: What there is one of per run when the chart is drawn.
        chart: What changes when the chart does.
        plot: Where to point and to drag.
        readout: What changes when the pointer moves.
        slider: The smoothing.
        follows: Whether the chart follows the slider while it is held; otherwise only when it is let go.
    """

    name: str
    fragment: str
    label: str
    source: str
    requests: str
    drawn: str
    chart: str
    plot: str
    readout: str
    slider: str
    follows: bool


LR_FINDER = Tab(
    name="LR Finder",
    fragment="lr_finder",
    label="LR Finder",
    source="lr_finder",
    requests="/plugin/lr_finder/",
    drawn="[data-testid=curve][d]",
    chart="[data-testid=chart]",
    plot="[data-testid=chart]",
    readout="[data-testid=tooltip]",
    slider="[data-testid=smoothing]",
    follows=True,
)
# Its lines are on a canvas, of which the page shows no change: the axes and the table below it, which come with the lines or
# before them, stand in for them, so that its times are lower bounds.
TIME_SERIES = Tab(
    name="Time Series",
    fragment="timeseries",
    label="Time Series",
    source="",
    requests="/data/",
    drawn="scalar-card tb-data-table-content-row",
    chart="scalar-card",
    plot="scalar-card line-chart canvas",
    readout=".cdk-overlay-container",
    slider=".scalars-smoothing mat-slider input",
    follows=False,
)


class OpenTab:
    """A tab in a page of its own."""

    def __init__(self, page: ProbedPage, tab: Tab) -> None:
        self.page = page
        self.tab = tab
        self.frame = self._find_frame()

    def _find_frame(self) -> Frame:
        page, source = self.page.page, self.tab.source
        if not source:
            return page.main_frame
        frame = page.locator(f"iframe[src*='{source}']").element_handle().content_frame()
        assert frame is not None
        frame.wait_for_url(f"**{source}**")
        return frame

    def draw_all(self) -> Shown:
        """Selects the runs that are not drawn yet."""
        everything = self.frame.get_by_label("All runs")
        return self._time(self.tab.chart, "click", everything.check)

    def slide(self, start: float, end: float) -> Shown:
        """Holds the slider at a share of its width and moves it to another."""
        mouse = self.page.page.mouse
        slider = self._locate(self.tab.slider)
        mouse.move(*_at(slider, start, 0.5))
        mouse.down()
        self._pause()
        if self.tab.follows:
            shown = self._time(self.tab.chart, "pointermove", lambda: mouse.move(*_at(slider, end, 0.5)))
            mouse.up()
        else:
            mouse.move(*_at(slider, end, 0.5), steps=3)
            shown = self._time(self.tab.chart, "pointerup", mouse.up)
        self._pause()
        return shown

    def zoom(self, start: tuple[float, float], end: tuple[float, float]) -> Shown:
        """Drags a box on the chart, and afterwards shows all again."""
        mouse = self.page.page.mouse
        plot = self._locate(self.tab.plot)
        mouse.move(*_at(plot, *start))
        mouse.down()
        mouse.move(*_at(plot, *end), steps=4)
        self._pause()
        shown = self._time(self.tab.chart, "pointerup", mouse.up)
        mouse.dblclick(*_at(plot, *end))
        self._pause()
        return shown

    def hover(self, start: float, end: float) -> Shown:
        """Moves the pointer from one share of the chart's width to another, the readout being there already."""
        mouse = self.page.page.mouse
        plot = self._locate(self.tab.plot)
        mouse.move(*_at(plot, start, 0.5), steps=3)
        self._pause()
        shown = self._time(self.tab.readout, "pointermove", lambda: mouse.move(*_at(plot, end, 0.5)))
        mouse.move(0, 0)
        self._pause()
        return shown

    def _time(self, root: str, event: str, act: Callable[[], None]) -> Shown:
        return self.page.time(self.frame, root, event, act)

    def _pause(self) -> None:
        """Lets what was not measured come to its end."""
        self.page.page.wait_for_timeout(500)

    def _locate(self, selector: str) -> FloatRect:
        return box_of(self.frame.locator(selector).first)


def box_of(element: Locator) -> FloatRect:
    box = element.bounding_box()
    assert box is not None
    return box


def _at(box: FloatRect, x: float, y: float) -> tuple[float, float]:
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y
