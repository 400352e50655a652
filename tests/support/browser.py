"""A real Chromium for the tests of the tab, and the console it must keep clean."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.tensorboard_server import Server

if TYPE_CHECKING:
    # Environments that run no browser test need no Playwright.
    from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, Playwright

# Without a network, Chromium's own look-ups fail and would show in the console.
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
_MISSING = (
    "No Chromium was found. Run `.venv/bin/playwright install chromium`, or install your system's package "
    "(Debian, as root: `apt-get install chromium`), or name one in the environment variable CHROMIUM."
)


def chromium_path(playwright: Playwright) -> str:
    """The browser to test with; a missing one fails the tests and says what to run."""
    candidates = [
        os.environ.get("CHROMIUM"),
        playwright.chromium.executable_path,
        *(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")),
    ]
    for path in candidates:
        if path and os.path.exists(path):
            return path
    pytest.fail(_MISSING, pytrace=False)


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(playwright), args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 900}, device_scale_factor=1)
    opened.grant_permissions(["clipboard-read", "clipboard-write"])
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page; the test fails if anything it does leaves an error or a warning in the console."""
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if _is_ours(message) else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []


def _is_ours(message) -> bool:
    # TensorBoard's own page asks for fonts and features that headless Chromium complains about; ours is the iframe.
    return message.type in ("error", "warning") and "lr_finder" in (message.location or {}).get("url", "")


def open_tab(page: Page, server: Server) -> FrameLocator:
    """Opens TensorBoard on the tab, as the demo's address does, and waits for it to be drawn."""
    page.goto(f"{server.url}/#lr_finder")
    tab = tab_of(page)
    tab.get_by_test_id("lr-finder").wait_for()
    return tab


def tab_of(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[src*='lr_finder']")


def domain(tab: FrameLocator, axis: str) -> tuple[float, float]:
    lo, hi = (tab.get_by_test_id("chart").get_attribute(f"data-{axis}-domain") or "").split(",")
    return float(lo), float(hi)


def row_of(tab: FrameLocator, run: str) -> Locator:
    return tab.locator(f"[data-testid=run-row][data-run='{run}']")


def drag(page: Page, chart: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags between two points given as shares of the chart's width and height."""
    box = chart.bounding_box()
    assert box is not None
    at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=6)
    page.mouse.up()
