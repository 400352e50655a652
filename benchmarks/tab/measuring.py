"""What is measured of a size, round by round, in turn for every tab."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from playwright.sync_api import Browser, TimeoutError

from benchmarks.tab import logs, requests
from benchmarks.tab.opening import clicked, opened
from benchmarks.tab.pages import Shown, TooSlow
from benchmarks.tab.tabs import LR_FINDER, TIME_SERIES, OpenTab, Tab
from tests.support.tensorboard_server import Server, serve

FIRST_BY_ADDRESS = "first chart, from TensorBoard's address"
FIRST_BY_CLICK = "first chart, from a click on the tab"
ALL = "all runs, from the click that selects them"
SLIDE, ZOOM, HOVER = "slider", "zoom", "hover"
REFINED = ", refined"
BYTES = "kB transferred for the first chart"
SERVER = "server: "
# In the order of the table; what the server takes follows.
NAMES = (FIRST_BY_ADDRESS, FIRST_BY_CLICK, BYTES, ALL, SLIDE, SLIDE + REFINED, ZOOM, ZOOM + REFINED, HOVER)

# TensorBoard keeps a sample of 1,000 points of a scalar unless it is told otherwise.
_SAMPLED = 1000
_ALL_POINTS = "--samples_per_plugin=scalars=0"


@dataclass
class Column:
    """What was measured of one tab.

    Attributes:
        title: As the table calls it.
        tab: The tab.
        server: The TensorBoard it belongs to.
        values: By name, what each round gave.
        too_slow: Names of what did not come to its end.
    """

    title: str
    tab: Tab
    server: Server
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    too_slow: set[str] = field(default_factory=set)

    def attempt(self, name: str, measure: Callable[[], None]) -> None:
        """Measures, and once that was too slow never again."""
        if name in self.too_slow:
            return
        try:
            measure()
        except (TooSlow, TimeoutError) as error:
            self.give_up(error, name)

    def give_up(self, error: Exception, *names: str) -> None:
        """Says what was waited for in vain."""
        print(f"{self.title}: {', '.join(names)}: {error!r}", file=sys.stderr)
        self.too_slow.update(names)


def measure(
    browser: Browser, log_dir: Path, num_runs: int, num_points: int, rounds: int, patience: float
) -> list[Column]:
    """Writes the runs and measures every tab on them."""
    logs.write(log_dir, num_runs, num_points)
    with ExitStack() as stack:
        columns = list(_columns(stack, log_dir, num_points))
        for column in columns:
            logs.wait_until_read(column.server, num_runs, num_points)
        for _ in range(rounds):
            for column in columns:
                _open(browser, column, num_runs, patience)
        _interact(browser, columns, num_runs, rounds, patience)
        return columns


def _columns(stack: ExitStack, log_dir: Path, num_points: int) -> Iterator[Column]:
    server = stack.enter_context(serve(log_dir))
    yield Column(LR_FINDER.name, LR_FINDER, server)
    if num_points <= _SAMPLED:
        yield Column(TIME_SERIES.name, TIME_SERIES, server)
        return
    yield Column(f"{TIME_SERIES.name}, a sample of {_SAMPLED:,} points", TIME_SERIES, server)
    whole = stack.enter_context(serve(log_dir, _ALL_POINTS))
    yield Column(f"{TIME_SERIES.name}, all points", TIME_SERIES, whole)


def _open(browser: Browser, column: Column, num_runs: int, patience: float) -> None:
    def address() -> None:
        with opened(browser, column.server, column.tab, patience) as (open_tab, opening):
            column.values[FIRST_BY_ADDRESS].append(opening.milliseconds)
            column.values[BYTES].append(opening.kilobytes)
            if opening.num_curves < num_runs:
                column.values[ALL].append(open_tab.draw_all().last)

    def click() -> None:
        with clicked(browser, column.server, column.tab, patience) as (_, opening):
            column.values[FIRST_BY_CLICK].append(opening.milliseconds)

    column.attempt(FIRST_BY_ADDRESS, address)
    column.attempt(FIRST_BY_CLICK, click)


def _interact(browser: Browser, columns: list[Column], num_runs: int, rounds: int, patience: float) -> None:
    with ExitStack() as stack:
        tabs = [(column, _with_all_runs(stack, browser, column, num_runs, patience)) for column in columns]
        for index in range(rounds + 1):
            for column, open_tab in tabs:
                # The first round compiles; what was too slow in it stays so.
                kept = column if index else replace(column, values=defaultdict(list))
                if open_tab:
                    _gestures(kept, open_tab, 0.02 * (index % 5))
        for column, open_tab in tabs:
            if open_tab and column.tab is LR_FINDER:
                for route, url in requests.largest(open_tab.page.requests).items():
                    column.values[SERVER + route] = [requests.milliseconds(url, rounds)]


def _with_all_runs(
    stack: ExitStack, browser: Browser, column: Column, num_runs: int, patience: float
) -> OpenTab | None:
    try:
        open_tab, opening = stack.enter_context(opened(browser, column.server, column.tab, patience))
        if opening.num_curves < num_runs:
            open_tab.draw_all()
        return open_tab
    except (TooSlow, TimeoutError) as error:
        column.give_up(error, SLIDE, ZOOM, HOVER)
        return None


def _gestures(column: Column, open_tab: OpenTab, shift: float) -> None:
    open_tab.page.page.bring_to_front()
    gestures: dict[str, Callable[[], Shown]] = {
        SLIDE: lambda: open_tab.slide(0.5 + shift, 0.8 + shift),
        ZOOM: lambda: open_tab.zoom((0.4 + shift, 0.3), (0.6 + shift, 0.7)),
        HOVER: lambda: open_tab.hover(0.3 + shift, 0.5 + shift),
    }
    for name, gesture in gestures.items():

        def record(name: str = name, gesture: Callable[[], Shown] = gesture) -> None:
            shown = gesture()
            column.values[name].append(shown.first)
            if name != HOVER and column.tab is LR_FINDER:
                column.values[name + REFINED].append(shown.last)

        column.attempt(name, record)
