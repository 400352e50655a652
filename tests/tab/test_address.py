"""The address of the tab, its memory, and the keyboard, in a real TensorBoard in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.support.browser import domain, drag, open_tab, row_of
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import synthetic_curve, write_scalars, write_trace

pytestmark = pytest.mark.browser

RUNS = {"deep": -3.0, "shallow": -2.5, "wide": -2.0}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log_dir = tmp_path_factory.mktemp("address")
    for seed, (run, centre) in enumerate(RUNS.items()):
        write_trace(log_dir / run, synthetic_curve(300, seed=seed, centre=centre))
        write_scalars(log_dir / run, "accuracy", [0.1, 0.2, 0.3])
    with serve(log_dir) as running:
        running.wait_for(lambda traces: len(traces) == len(RUNS) and all(trace["rows"] for trace in traces.values()))
        yield running


def frame_of(page: Page) -> FrameLocator:
    tab = page.frame_locator("iframe[src*='lr_finder']")
    tab.get_by_test_id("chart").wait_for()
    return tab


def settled(page: Page) -> str:
    """The address, once it is written."""
    page.wait_for_timeout(500)
    return page.url


def shown(tab: FrameLocator) -> dict[str, Any]:
    """What a person sees of the settings."""
    checked = {run: row_of(tab, run).get_by_role("checkbox").is_checked() for run in RUNS}
    return {
        "smoothing": tab.get_by_test_id("smoothing").input_value(),
        "use": tab.get_by_test_id("use").locator("input:checked").input_value(),
        "order": tab.locator("th[aria-sort=descending]").get_attribute("data-column"),
        "picked": tab.get_by_test_id("picked-rate").get_attribute("data-value"),
        "checked": checked,
        "x": domain(tab, "x"),
        "y": domain(tab, "y"),
    }


def picture(page: Page) -> bytes:
    page.mouse.move(0, 0)
    chart = frame_of(page).locator(".chart")
    # Painted anew as a whole: parts that were painted at different times differ by a shade.
    chart.evaluate("chart => { chart.style.display = 'none'; chart.offsetHeight; chart.style.display = ''; }")
    page.wait_for_timeout(500)
    return chart.screenshot(animations="disabled")


def chosen(page: Page, server: Server) -> FrameLocator:
    """The tab after somebody changed about everything."""
    tab = open_tab(page, server)
    expect(tab.get_by_test_id("curve")).to_have_count(len(RUNS))
    tab.get_by_test_id("smoothing").fill("0.8")
    tab.locator("[data-testid=use] input[value=one_cycle]").check()
    row_of(tab, "deep").get_by_role("checkbox").uncheck()
    for _ in range(2):
        tab.get_by_test_id("sort-rate").click()
    drag(page, tab.get_by_test_id("chart"), (0.4, 0.3), (0.9, 0.9))
    tab.get_by_test_id("chart").click()
    expect(tab.get_by_test_id("picked-rate")).to_be_visible()
    # What the mouse reads is seen; it is not said.
    expect(tab.get_by_test_id("tooltip")).to_be_visible()
    page.wait_for_timeout(500)
    expect(tab.get_by_test_id("spoken")).to_have_text("")
    return tab


def another(browser: Browser, address: str) -> tuple[BrowserContext, Page]:
    """Somebody else's browser, at the address."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, device_scale_factor=1)
    page = context.new_page()
    page.goto(address)
    frame_of(page)
    return context, page


def test_a_copied_address_opens_the_same_view(page, browser, server):
    tab = chosen(page, server)
    address = settled(page)
    before = shown(tab)
    assert before["checked"] == {"deep": False, "shallow": True, "wide": True}

    context, theirs = another(browser, address)
    expect(frame_of(theirs).get_by_test_id("curve")).to_have_count(2)
    assert shown(frame_of(theirs)) == before
    assert picture(theirs) == picture(page)
    assert settled(theirs) == address
    context.close()

    # TensorBoard's own tabs come and go, and it carries the settings along.
    for name in ("Time Series", "LR Finder"):
        page.get_by_role("tab", name=name).click()
        page.wait_for_timeout(500)
    assert settled(page) == address
    assert shown(tab) == before

    # So does the history of the browser: what was left here is here again, whichever way leads back.
    page.get_by_role("tab", name="Time Series").click()
    page.get_by_role("tab", name="LR Finder").click()
    tab.get_by_test_id("smoothing").fill("0.7")
    settled(page)
    page.go_back()
    page.wait_for_timeout(500)
    page.get_by_role("tab", name="LR Finder").click()
    expect(tab.get_by_test_id("smoothing")).to_have_value("0.7")
    tab.get_by_test_id("smoothing").fill("0.8")
    assert settled(page) == address

    # An edited address is followed, and so is the way back.
    page.evaluate("location.hash = location.hash.replace('smoothing=0.8', 'smoothing=0.3')")
    expect(tab.get_by_test_id("smoothing")).to_have_value("0.3")
    page.go_back()
    expect(tab.get_by_test_id("smoothing")).to_have_value("0.8")
    page.evaluate("location.hash = '#lr_finder&p.lr_finder.view=schedules'")
    expect(tab.get_by_role("tab", name="Schedules")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(tab.get_by_test_id("curve")).to_have_count(2)
    assert shown(tab) == before
    assert settled(page) == address

    # Without settings in the address it opens as its user likes it, with all runs.
    again = page.context.new_page()
    plain = open_tab(again, server)
    expect(plain.get_by_test_id("curve")).to_have_count(len(RUNS))
    expect(plain.get_by_test_id("smoothing")).to_have_value("0.8")
    expect(plain.get_by_test_id("reset-zoom")).to_be_hidden()
    # What is all at its defaults stays so for somebody who likes it otherwise.
    again.goto("about:blank")
    again.goto(f"{server.url}/#lr_finder&p.lr_finder.view=finder")
    expect(frame_of(again).get_by_test_id("smoothing")).to_have_value("0.6")
    assert settled(again).endswith("#lr_finder&p.lr_finder.view=finder")


def focused(tab: FrameLocator) -> str | None:
    return tab.locator(":focus").get_attribute("data-testid") if tab.locator(":focus").count() else None


def tab_to(page: Page, tab: FrameLocator, test_id: str, key: str = "Tab") -> None:
    """Presses the key until an element has the focus."""
    for _ in range(60):
        page.keyboard.press(key)
        if focused(tab) == test_id:
            return
    raise AssertionError(f"Tab never reaches {test_id}")


def test_the_keyboard_alone_copies_a_rate_and_picks_one(page, server):
    tab = open_tab(page, server)
    expect(tab.get_by_test_id("curve")).to_have_count(len(RUNS))
    tab_to(page, tab, "plot")
    whole = domain(tab, "x")

    for key in ("ArrowRight", "Shift+ArrowLeft", "PageUp"):
        page.keyboard.press(key)
    said = tab.get_by_test_id("spoken")
    expect(said).to_have_text(re.compile(r"^learning rate [\d.e-]+: (\w+ [\d.e-]+(, )?){3}$"))
    page.keyboard.press("Control+0")
    page.keyboard.press("+")
    expect(tab.get_by_test_id("reset-zoom")).to_be_visible()
    zoomed = domain(tab, "x")
    assert whole[0] < zoomed[0] < zoomed[1] < whole[1]
    page.keyboard.press("-")
    expect(tab.get_by_test_id("reset-zoom")).to_be_hidden()
    page.keyboard.press("+")
    page.keyboard.press("0")
    assert domain(tab, "x") == whole

    page.keyboard.press("Enter")
    tab_to(page, tab, "unpick")
    page.keyboard.press("Enter")
    expect(tab.get_by_test_id("picked-rate")).to_have_count(0)
    assert focused(tab) == "plot"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    picked = tab.get_by_test_id("picked-rate")
    rate = picked.get_attribute("data-value") or ""
    assert whole[0] < float(rate) < whole[1]
    tab_to(page, tab, "copy-picked")
    page.keyboard.press("Enter")
    expect(tab.get_by_test_id("copy-picked")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == rate

    tab_to(page, tab, "copy-rate")
    page.keyboard.press("Space")
    expect(tab.get_by_test_id("copy-rate").first).to_have_text("Copied")
    title = tab.get_by_test_id("suggestion-rate").first.get_attribute("title")
    assert page.evaluate("navigator.clipboard.readText()") == title
    tab_to(page, tab, "copy-code")
    page.keyboard.press("Enter")
    expect(tab.get_by_test_id("copy-code").first).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"keras.optimizers.Adam(learning_rate={title})"

    tab_to(page, tab, "picked-rate", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(tab.get_by_role("tab", name="Plan a schedule")).to_have_attribute("aria-selected", "true")
    assert float(tab.locator("[data-testid=field][data-name=learning_rate]").input_value()) == float(rate)
