"""How long a tab takes to its first chart, and what it transfers for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser

from benchmarks.tab.pages import ProbedPage
from benchmarks.tab.tabs import OpenTab, Tab
from tests.support.tensorboard_server import Server

# The tab that is open when another one is clicked: there is nothing for it to draw.
_ELSEWHERE = "images"


@dataclass(frozen=True)
class Opening:
    """How a tab came to its first chart.

    Attributes:
        milliseconds: From the beginning to the frame with the last curve.
        kilobytes: Transferred for it.
        num_curves: Drawn by then.
    """

    milliseconds: float
    kilobytes: float
    num_curves: int


@contextmanager
def opened(browser: Browser, server: Server, tab: Tab, patience: float) -> Iterator[tuple[OpenTab, Opening]]:
    """TensorBoard loaded on the tab, with an empty cache, when the first chart is drawn."""
    page = ProbedPage(browser, tab.drawn, patience)
    try:
        page.page.goto(f"{server.url}/#{tab.fragment}")
        open_tab = OpenTab(page, tab)
        yield open_tab, _until_drawn(open_tab, page.page.evaluate("performance.timeOrigin"))
    finally:
        page.close()


@contextmanager
def clicked(browser: Browser, server: Server, tab: Tab, patience: float) -> Iterator[tuple[OpenTab, Opening]]:
    """The same where TensorBoard is open on another tab, and the tab is clicked."""
    page = ProbedPage(browser, tab.drawn, patience)
    try:
        page.page.goto(f"{server.url}/#{_ELSEWHERE}")
        button = page.page.get_by_role("tab", name=tab.label)
        button.wait_for()
        page.page.wait_for_timeout(1500)
        page.page.evaluate("probe.awaitInput('click')")
        page.requests.clear()
        button.click()
        open_tab = OpenTab(page, tab)
        yield open_tab, _until_drawn(open_tab, page.page.evaluate("probe.input"))
    finally:
        page.close()


def _until_drawn(open_tab: OpenTab, began: float) -> Opening:
    shown = open_tab.page.rest(open_tab.frame)
    num_curves, drawn = max(shown, key=lambda one: (one[0], -one[1]))
    asked = [request for request in open_tab.page.requests if open_tab.tab.requests in request.url]
    return Opening(drawn - began, sum(request.sizes()["responseBodySize"] for request in asked) / 1e3, num_curves)
