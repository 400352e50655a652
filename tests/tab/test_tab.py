"""The tab in a real TensorBoard in a real Chromium: what a person sees and does."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import FrameLocator, expect

from tb_lrfinder import LRFinder, TraceWriter, numerals, suggest
from tb_lrfinder.curves.smoothing import ema
from tb_lrfinder.demos import on_keras as digits
from tests.support.browser import domain, drag, open_tab, row_of
from tests.support.damage import write_damaged_traces
from tests.support.tensorboard_server import LOADERS, Server, serve
from tests.support.traces import TRIALS, append, as_recorded, open_trace, synthetic_curve, write_trace

pytestmark = pytest.mark.browser

SERVERS = {
    "fast_loader": (f"--load_fast={LOADERS[0]}", ""),
    "python_loader": (f"--load_fast={LOADERS[1]}", ""),
    "path_prefix": ("--load_fast=true", "/some/prefix"),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, LRFinder]]:
    """What `make demo` shows: two real range tests."""
    log_dir = tmp_path_factory.mktemp("demo")
    return log_dir, digits.main(log_dir)


# What a person does to the tab is the same however TensorBoard reads its files.
on_one_server = pytest.mark.parametrize("demo_server", ["fast_loader"], indirect=True)


@pytest.fixture(scope="module", params=SERVERS)
def demo_server(demo: tuple[Path, dict[str, LRFinder]], request: pytest.FixtureRequest) -> Iterator[Server]:
    flag, prefix = SERVERS[request.param]
    with serve(demo[0], flag, path_prefix=prefix, has_tensorflow=True) as running:
        running.wait_for(lambda traces: len(traces) == 2 and all(trace["rows"] for trace in traces.values()))
        yield running


@pytest.fixture
def log_dir(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def test_the_curve_is_drawn_and_marked_with_the_suggestion(page, demo, demo_server):
    tab = open_tab(page, demo_server)
    expect(tab.get_by_test_id("curve")).to_have_count(2)
    expect(tab.get_by_test_id("raw")).to_have_count(2)
    for run, finder in demo[1].items():
        trace_id = demo_server.traces()[run]["id"]
        label = tab.locator(f"[data-testid=mark-label][data-id='{trace_id}']")
        expect(label).to_be_visible()
        assert float(label.get_attribute("data-value") or "nan") == finder.suggestion.learning_rate
        shown = re.search(r"[\d.]+(e-?\d+)?", label.text_content() or "")
        assert shown is not None
        assert float(shown.group()) == pytest.approx(finder.suggestion.learning_rate, rel=5e-3)
        band = tab.locator(f"[data-testid=band][data-id='{trace_id}']")
        assert float(band.get_attribute("data-lower") or "nan") == finder.suggestion.lower
        assert float(band.get_attribute("data-upper") or "nan") == finder.suggestion.upper
        assert finder.stop_text in tab.locator(f"[data-testid=suggestion-row][data-id='{trace_id}']").inner_text()
    path = tab.get_by_test_id("curve").first.get_attribute("d") or ""
    assert path.count("L") + path.count("C") > 50


def test_each_use_has_its_number_its_sentence_and_its_confidence(page, log_dir):
    write_trace(log_dir / "clear", synthetic_curve(300))
    with serve(log_dir) as server:
        server.wait_for(lambda traces: traces)
        tab = open_tab(page, server)
        suggestion = suggest(as_recorded(synthetic_curve(300)))
        assert suggestion.confidence is not None
        expect(tab.get_by_test_id("confidence")).to_have_text(suggestion.confidence.word)
        label, reason = tab.get_by_test_id("mark-label"), tab.get_by_test_id("suggestion-reason")
        for use in suggestion.uses:
            tab.locator(f"[data-testid=use] input[value={use.name}]").check()
            expect(label).to_have_attribute("data-value", str(use.learning_rate))
            expect(reason).to_have_text(use.reason)
        tab.get_by_test_id("method").select_option("minimum")
        expect(tab.get_by_test_id("suggestion-row")).to_contain_text("constant rates only")
        expect(label).to_have_count(0)


def test_a_test_without_a_loss_is_drawn_by_what_it_monitors(page, log_dir):
    curve = as_recorded(synthetic_curve(300), optimizer=None)
    with TraceWriter(log_dir / "gan", monitor="d_loss") as writer:
        for rate, loss in zip(curve.learning_rates.tolist(), curve.losses.tolist(), strict=True):
            writer.append_row(rate, None, {"d_loss": loss, "g_loss": 1.0 - loss})
    with serve(log_dir) as server:
        server.wait_for(lambda traces: traces)
        tab = open_tab(page, server)
        expect(tab.get_by_test_id("curve")).to_have_count(1)
        expect(tab.get_by_test_id("mark-label")).to_have_attribute("data-value", str(suggest(curve).learning_rate))
        expect(tab.get_by_test_id("column").locator("option")).to_have_text(["d_loss", "g_loss"])
        expect(tab.get_by_test_id("shape")).to_contain_text("The `d_loss` falls, turns and rises again")
        path = tab.get_by_test_id("curve").get_attribute("d")
        tab.get_by_test_id("column").select_option("g_loss")
        expect(tab.get_by_test_id("curve")).not_to_have_attribute("d", path or "")


def test_short_trainings_are_drawn_and_told(page, log_dir):
    write_trace(log_dir / "confirmed", synthetic_curve(300), trials=TRIALS)
    write_trace(log_dir / "short", synthetic_curve(100))
    with serve(log_dir) as server:
        server.wait_for(lambda traces: len(traces) == 2)
        tab = open_tab(page, server)
        trials = tab.get_by_test_id("trial")
        expect(trials).to_have_count(len(TRIALS))
        rates = {float(trials.nth(index).get_attribute("data-rate") or "nan") for index in range(len(TRIALS))}
        assert rates == {trial.learning_rate for trial in TRIALS}
        ids = {run: trace["id"] for run, trace in server.traces().items()}
        confirmed, short = (tab.locator(f"[data-testid=suggestion-row][data-id='{ids[run]}']") for run in ids)
        found = suggest(as_recorded(synthetic_curve(300)), trials=TRIALS)
        assert found.learning_rate is not None
        expect(confirmed.get_by_test_id("suggestion-rate")).to_have_text(numerals.rate(found.learning_rate))
        expect(confirmed.get_by_test_id("suggestion-reason")).to_have_text(found.reason)
        expect(confirmed.get_by_test_id("trials")).to_contain_text("5 short trainings")
        expect(confirmed.get_by_test_id("confidence")).to_have_text("sure")
        expect(confirmed.get_by_test_id("doubt")).to_have_count(0)
        expect(short.get_by_test_id("doubt")).to_have_text(
            "With few steps at each rate, the curve reaches its minimum late."
        )
        expect(short.get_by_test_id("advice")).to_have_text("Raise num_steps.")


@on_one_server
def test_dragging_the_slider_moves_the_line_as_it_is_dragged(page, demo_server):
    tab = open_tab(page, demo_server)
    curve = tab.get_by_test_id("curve").first
    slider = tab.get_by_test_id("smoothing")
    expect(slider).to_have_value("0.6")
    seen = {curve.get_attribute("d")}
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.6, middle)
    page.mouse.down()
    for share in (0.7, 0.8, 0.9):
        page.mouse.move(box["x"] + box["width"] * share, middle)
        page.wait_for_timeout(100)
        seen.add(curve.get_attribute("d"))
    page.mouse.up()
    assert len(seen) == 4
    assert float(slider.input_value()) > 0.8
    slider.fill("0")
    raw = tab.get_by_test_id("raw").first
    expect(raw).to_be_visible()


@on_one_server
def test_zoom_by_drag_and_reset_by_double_click(page, demo_server):
    tab = open_tab(page, demo_server)
    chart = tab.get_by_test_id("chart")
    expect(tab.get_by_test_id("curve")).to_have_count(2)
    whole = domain(tab, "x"), domain(tab, "y")
    expect(tab.get_by_test_id("reset-zoom")).to_be_hidden()
    drag(page, chart, (0.4, 0.3), (0.6, 0.7))
    expect(tab.get_by_test_id("reset-zoom")).to_be_visible()
    x, y = domain(tab, "x"), domain(tab, "y")
    assert whole[0][0] < x[0] < x[1] < whole[0][1]
    assert whole[1][0] < y[0] < y[1] < whole[1][1]
    # A fifth of the width of a log axis is a fifth of its decades.
    share = math.log(x[1] / x[0]) / math.log(whole[0][1] / whole[0][0])
    assert share == pytest.approx(0.2, rel=0.2)
    chart.dblclick()
    expect(tab.get_by_test_id("reset-zoom")).to_be_hidden()
    assert (domain(tab, "x"), domain(tab, "y")) == whole


@on_one_server
def test_the_hover_readout_names_every_run(page, demo, demo_server):
    tab = open_tab(page, demo_server)
    expect(tab.get_by_test_id("curve")).to_have_count(2)
    tab.get_by_test_id("chart").hover()
    expect(tab.get_by_test_id("tooltip")).to_be_visible()
    rows = tab.get_by_test_id("tooltip-row")
    expect(rows).to_have_count(2)
    for index in range(2):
        row = rows.nth(index)
        run = (row.get_attribute("data-id") or "").split("/", 1)[1]
        step = int(row.get_attribute("data-step") or -1)
        curve = demo[1][run].curve
        name, rate, loss, smoothed, shown_step, edge = row.inner_text().split()
        assert edge == numerals.rate(demo[1][run].suggestion.edge)
        assert (name, int(shown_step)) == (run, step)
        assert float(rate) == pytest.approx(curve.learning_rates[step], rel=5e-3)
        assert float(loss) == pytest.approx(curve.losses[step], rel=5e-3)
        assert float(smoothed) == pytest.approx(ema(curve.losses, 0.6)[step], rel=5e-3)


@on_one_server
def test_methods_move_the_mark(page, demo, demo_server):
    tab = open_tab(page, demo_server)
    label = tab.get_by_test_id("mark-label").first
    expect(label).to_be_visible()
    run = (label.get_attribute("data-id") or "").split("/", 1)[1]
    trace_id = demo_server.traces()[run]["id"]
    for method in ("steepest", "valley", "minimum"):
        tab.get_by_test_id("method").select_option(method)
        (served,) = demo_server.json("suggestions", trace=trace_id, method=method)["suggestions"]
        expect(tab.locator(f"[data-testid=suggestion-row][data-id='{trace_id}']")).to_contain_text(served["reason"])
        label = tab.locator(f"[data-testid=mark-label][data-id='{trace_id}']")
        assert float(label.get_attribute("data-value") or "nan") == served["learning_rate"]


@on_one_server
def test_runs_are_chosen_and_filtered(page, demo_server):
    tab = open_tab(page, demo_server)
    expect(tab.get_by_test_id("run-row")).to_have_count(2)
    row_of(tab, "adam").get_by_role("checkbox").uncheck()
    expect(tab.get_by_test_id("curve")).to_have_count(1)
    row_of(tab, "sgd_momentum").get_by_role("checkbox").uncheck()
    expect(tab.get_by_test_id("state-none-selected")).to_be_visible()
    row_of(tab, "adam").get_by_role("checkbox").check()
    tab.get_by_test_id("filter").fill("^ad.m$")
    expect(tab.get_by_test_id("run-row")).to_have_count(1)
    tab.get_by_test_id("filter").fill("(")
    expect(tab.get_by_test_id("run-row")).not_to_have_count(0)


@on_one_server
def test_the_rate_can_be_copied(page, demo, demo_server):
    tab = open_tab(page, demo_server)
    row = tab.get_by_test_id("suggestion-row").first
    run = (row.get_attribute("data-id") or "").split("/", 1)[1]
    row.get_by_test_id("copy-rate").click()
    page.wait_for_timeout(200)
    assert float(page.evaluate("navigator.clipboard.readText()")) == demo[1][run].suggestion.learning_rate


@on_one_server
def test_dark_mode_follows_tensorboard(page, demo_server):
    tab = open_tab(page, demo_server)
    root = tab.get_by_test_id("lr-finder")
    expect(root).to_have_attribute("data-theme", "light")
    light = root.evaluate("element => getComputedStyle(element).backgroundColor")
    page.evaluate("document.body.classList.add('dark-mode')")
    expect(root).to_have_attribute("data-theme", "dark")
    assert root.evaluate("element => getComputedStyle(element).backgroundColor") != light
    page.evaluate("document.body.classList.remove('dark-mode')")
    expect(root).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("loader", LOADERS)
def test_a_running_test_grows_without_a_reload(page, log_dir, loader):
    curve = synthetic_curve(300)
    writer = open_trace(log_dir / "live", 300)
    with serve(log_dir, f"--load_fast={loader}") as server:
        server.wait_for(lambda traces: traces)
        tab = open_tab(page, server)
        row = row_of(tab, "live")
        expect(row).to_have_attribute("data-status", "running")
        for end in (100, 200, 300):
            append(writer, curve, end - 100, end)
            writer.flush()
            expect(row.get_by_test_id("run-status")).to_contain_text(f"{end} of 300", timeout=20_000)
            reached = re.findall(r"[-\d.e]+", tab.get_by_test_id("curve").get_attribute("d") or "")
            assert len(reached) > end / 4
        writer.close("Swept to end_lr=10.")
        expect(row).to_have_attribute("data-status", "finished", timeout=20_000)
        expect(tab.get_by_test_id("mark-label")).to_be_visible()


def test_an_empty_log_directory_shows_the_lines_to_add(page, log_dir):
    with serve(log_dir) as server:
        tab = open_tab(page, server)
        empty = tab.get_by_test_id("state-empty")
        expect(empty).to_contain_text("from tb_lrfinder import LRFinder")
        expect(empty).to_contain_text("callbacks=[finder]")
        # The curve appears by itself when the first test is written.
        write_trace(log_dir / "first", synthetic_curve(300))
        expect(tab.get_by_test_id("curve")).to_have_count(1, timeout=30_000)


def assert_nothing_is_cut_off(tab: FrameLocator) -> None:
    """No visible text or control reaches beyond the sides of the page."""
    beyond = tab.locator("body").evaluate(
        """body => [...body.querySelectorAll("h2, p, button, input, select, .code, [data-testid=chart]")]
            .filter(element => element.getClientRects().length && getComputedStyle(element).visibility === "visible")
            .filter(element => {
                const box = element.getBoundingClientRect();
                return box.left < 0 || box.right > innerWidth + 0.5;
            }).map(element => element.outerHTML.slice(0, 120))"""
    )
    assert beyond == []


@on_one_server
def test_a_narrow_page_cuts_nothing_off(page, demo_server):
    page.set_viewport_size({"width": 360, "height": 780})
    tab = open_tab(page, demo_server)
    expect(tab.get_by_test_id("curve")).to_have_count(2)
    assert_nothing_is_cut_off(tab)


@on_one_server
@pytest.mark.parametrize(("width", "height"), [(360, 780), (640, 500)])
def test_a_small_page_shows_the_chart_below_what_it_is_read_with(page, demo_server, width, height):
    page.set_viewport_size({"width": width, "height": height})
    tab = open_tab(page, demo_server)
    for name in ("smoothing", "use", "chart"):
        box = tab.get_by_test_id(name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height


def test_a_narrow_empty_page_cuts_nothing_off(page, log_dir):
    page.set_viewport_size({"width": 360, "height": 780})
    with serve(log_dir) as server:
        tab = open_tab(page, server)
        expect(tab.get_by_test_id("state-empty")).to_be_visible()
        assert_nothing_is_cut_off(tab)


def test_damaged_runs_say_so_and_leave_the_others_standing(page, log_dir):
    write_damaged_traces(log_dir)
    write_trace(log_dir / "good", synthetic_curve(300))
    nothing = synthetic_curve(60)
    flat = type(nothing)(nothing.learning_rates, np.ones(60))
    write_trace(log_dir / "flat", flat)
    with serve(log_dir) as server:
        server.wait_for(lambda traces: len(traces) == 7)
        tab = open_tab(page, server)
        expect(row_of(tab, "newer")).to_have_attribute("data-status", "unsupported")
        expect(row_of(tab, "foreign")).to_contain_text("somebody/elses")
        expect(row_of(tab, "no_header")).to_have_attribute("data-status", "damaged")
        good = server.traces()["good"]["id"]
        expect(tab.locator(f"[data-testid=curve][data-id='{good}']")).to_have_count(1)
        expect(tab.locator(f"[data-testid=mark-label][data-id='{good}']")).to_be_visible()
        flat_id = server.traces()["flat"]["id"]
        flat_row = tab.locator(f"[data-testid=suggestion-row][data-id='{flat_id}']")
        expect(flat_row).to_contain_text("No rate made the loss fall")


def test_it_says_when_tensorboard_is_gone_and_keeps_the_curve(browser, log_dir):
    write_trace(log_dir / "run", synthetic_curve(300))
    # Not the `page` fixture: a server that is gone does show in the console.
    page = browser.new_page()
    with serve(log_dir) as server:
        server.wait_for(lambda traces: traces)
        tab = open_tab(page, server)
        expect(tab.get_by_test_id("curve")).to_have_count(1)
    expect(tab.get_by_text("TensorBoard does not answer")).to_be_visible(timeout=30_000)
    expect(tab.get_by_test_id("curve")).to_have_count(1)
    page.close()
