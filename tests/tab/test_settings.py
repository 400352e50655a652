"""The view of settings in a real TensorBoard and Chromium: what is drawn, the rules through a run, and its test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log10
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from tb_lrfinder.storage.writer import TraceWriter
from tests.support.browser import open_tab
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import FACTS, append, synthetic_curve

pytestmark = pytest.mark.browser

SIZES, WIDTHS, REPEATS = (16, 64, 256), (32, 128), 2
COUNT = len(SIZES) * len(WIDTHS) * REPEATS


def write(log_dir: Path, *, seed: int, centre: float, **facts) -> None:
    curve = synthetic_curve(100, seed=seed, centre=centre)
    with TraceWriter(log_dir, num_steps=len(curve), **{**FACTS, **facts}) as writer:
        append(writer, curve)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log_dir = tmp_path_factory.mktemp("settings")
    for seed in range(COUNT):
        size, width = SIZES[seed % 3], WIDTHS[seed // 3 % 2]
        facts = {"batch_size": size, "hparams": {"width": width}, "tags": ["wide"] * (width > 100)}
        centre = -3.2 + log10(size / 16) / 2 - log10(width / 32) / 2
        write(log_dir / f"b{size}-w{width}-{seed}", seed=seed, centre=centre, **facts)
    with serve(log_dir) as running:
        running.wait_for(lambda traces: len(traces) == COUNT and all(trace["rows"] for trace in traces.values()))
        yield running


@pytest.fixture
def tab(page, server) -> FrameLocator:
    opened = open_tab(page, server)
    opened.locator("[data-testid=view][value=settings]").click()
    expect(opened.get_by_test_id("relation-point")).to_have_count(10)
    return opened


def place_of(point: Locator) -> tuple[float, float]:
    return float(point.get_attribute("cx") or "nan"), float(point.get_attribute("cy") or "nan")


def test_all_runs_are_a_click_away_and_the_address_has_the_view(page, tab, server):
    button = tab.get_by_test_id("show-all")
    expect(button).to_have_text(f"Show all {COUNT}")
    button.click()
    points = tab.get_by_test_id("relation-point")
    expect(points).to_have_count(COUNT)
    expect(button).to_have_count(0)
    ids = {trace["id"] for trace in server.traces().values()}
    assert {point.get_attribute("data-id") for point in points.all()} == ids
    expect(tab.get_by_test_id("relation-sentence").first).to_contain_text(
        "The suggested rate grows with the batch size"
    )
    page.wait_for_url(re.compile("view=settings"))


def test_lines_of_another_setting_have_the_colours_of_their_runs(tab):
    tab.get_by_test_id("show-all").click()
    tab.get_by_test_id("group-by").select_option("width")
    lines = tab.get_by_test_id("relation-line")
    expect(lines).to_have_count(len(WIDTHS))
    colors = {
        line.get_attribute("data-name"): line.evaluate("one => getComputedStyle(one).stroke") for line in lines.all()
    }
    assert list(colors) == ["median, width 32", "median, width 128"]
    dots = tab.get_by_test_id("relation-point").evaluate_all("all => all.map((one) => getComputedStyle(one).fill)")
    assert set(dots) == set(colors.values())
    assert len(set(dots)) == len(WIDTHS)
    expect(tab.get_by_test_id("group")).to_have_text(["326", "1286"])
    expect(tab.get_by_test_id("marks").locator("li")).to_have_text(
        ["suggested rate of a run", "usable band", *colors, "range of repeats"]
    )


def test_rules_go_through_the_chosen_run_whose_test_is_a_click_away(page, tab):
    point = tab.get_by_test_id("relation-point").nth(4)
    chosen = point.get_attribute("data-id")
    point.click()
    expect(tab.get_by_test_id("chosen-run")).to_contain_text("suggested rate")
    rules = tab.get_by_test_id("rule")
    expect(rules).to_have_count(2)
    left, top = place_of(tab.locator(f"[data-testid=relation-point][data-id='{chosen}']").first)
    for rule in rules.all():
        # Both are straight lines on these axes.
        places = [float(number) for number in re.findall(r"-?[\d.]+", rule.get_attribute("d") or "")]
        (x0, y0), (x1, y1) = places[:2], places[-2:]
        assert y0 + (y1 - y0) * (left - x0) / (x1 - x0) == pytest.approx(top, abs=0.5)
    tab.get_by_test_id("open-test").click()
    expect(tab.get_by_test_id("curve")).to_have_attribute("data-id", chosen or "")
    page.wait_for_function("location.hash.includes('view=finder')")
    page.go_back()
    expect(tab.get_by_test_id("chosen-run")).to_be_visible()


def test_a_run_is_chosen_by_the_keyboard(tab):
    tab.get_by_test_id("plot").focus()
    for key in ("ArrowRight", "Enter"):
        tab.get_by_test_id("plot").press(key)
    expect(tab.get_by_test_id("chosen-run")).to_be_visible()
    tab.get_by_test_id("plot").press("Enter")
    expect(tab.get_by_test_id("chosen-run")).to_have_count(0)


def test_the_filter_finds_settings_and_tags(tab):
    rows = tab.get_by_test_id("run-row")
    for expression, count in (("width=32$", COUNT // 2), ("batch_size=(16|256)$", 8), ("^wide$", COUNT // 2)):
        tab.get_by_test_id("filter").fill(expression)
        expect(rows).to_have_count(count)


def test_the_table_of_suggestions_has_what_differs(tab):
    tab.locator("[data-testid=view][value=finder]").click()
    headings = tab.locator("[data-testid^='sort-settings.']")
    expect(headings).to_have_text(["width", "Batch size"])
    headings.first.click()
    widths = tab.locator("[data-testid='suggestion-settings.width']")
    assert widths.all_inner_texts() == sorted(widths.all_inner_texts(), key=int)
