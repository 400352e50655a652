"""Comparing runs in the tab: the table, groups, small multiples, long lists; in a real TensorBoard and Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from tb_lrfinder.storage.writer import TraceWriter
from tests.support.browser import domain, open_tab, row_of
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import FACTS, append, synthetic_curve

pytestmark = pytest.mark.browser

OPTIMIZERS = {"adam": "Adam", "sgd": "SGD, momentum 0.9", "rmsprop": "RMSprop"}
# Fewer than are shown unasked, more than the table has room for.
RUNS = {f"net-{index}/{name}": optimizer for index in range(3) for name, optimizer in OPTIMIZERS.items()}
MANY = 400


def write(log_dir: Path, run: str, *, seed: int, num_steps: int = 100, optimizer: str = "Adam") -> None:
    curve = synthetic_curve(num_steps, seed=seed, centre=-4.0 + 0.25 * seed % 2.5)
    writer = TraceWriter(log_dir / run, num_steps=num_steps, **{**FACTS, "optimizer": optimizer})
    append(writer, curve)
    writer.close("Swept to end_lr=10.")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log_dir = tmp_path_factory.mktemp("compare")
    for seed, (run, optimizer) in enumerate(RUNS.items()):
        write(log_dir, run, seed=seed, optimizer=optimizer)
    with serve(log_dir) as running:
        running.wait_for(lambda traces: len(traces) == len(RUNS) and all(trace["rows"] for trace in traces.values()))
        yield running


@pytest.fixture
def tab(page, server) -> FrameLocator:
    opened = open_tab(page, server)
    expect(opened.get_by_test_id("curve")).to_have_count(len(RUNS))
    expect(opened.get_by_test_id("confidence")).to_have_count(len(RUNS))
    return opened


def run_of(trace_id: str | None) -> str:
    return (trace_id or "").split("/", 1)[1]


def runs_in(rows: Locator) -> list[str]:
    return [run_of(rows.nth(index).get_attribute("data-id")) for index in range(rows.count())]


def of_run(tab: FrameLocator, test_id: str, server: Server, run: str) -> Locator:
    return tab.locator(f"[data-testid={test_id}][data-id='{server.traces()[run]['id']}']")


def test_runs_are_sorted_by_rate_and_by_lowest_loss(tab, server):
    ids = {trace["id"]: run for run, trace in server.traces().items()}
    suggestions = server.json("suggestions", trace=list(ids))["suggestions"]
    by_rate = [ids[one["id"]] for one in sorted(suggestions, key=lambda one: one["learning_rate"])]
    lowest = {run: server.curve(trace_id)[0]["lowest"]["value"] for trace_id, run in ids.items()}
    by_loss = sorted(lowest, key=lambda run: lowest[run])
    rows = tab.get_by_test_id("suggestion-row")
    for column, order in (("rate", by_rate), ("lowest", by_loss)):
        heading = tab.get_by_test_id(f"sort-{column}")
        heading.click()
        expect(heading.locator("xpath=..")).to_have_attribute("aria-sort", "ascending")
        assert runs_in(rows) == order
        heading.click()
        expect(heading.locator("xpath=..")).to_have_attribute("aria-sort", "descending")
        assert runs_in(rows) == order[::-1]
    shown = tab.get_by_test_id("suggestion-lowest").first
    assert float(shown.get_attribute("title") or "nan") == lowest[by_loss[-1]]


def test_a_row_puts_its_curve_forward_and_a_curve_its_row(page, tab, server):
    run, other = list(RUNS)[1], list(RUNS)[-1]
    of_run(tab, "suggestion-row", server, run).hover()
    ahead = tab.locator(".front").get_by_test_id("mark")
    expect(ahead).to_have_count(1)
    assert run_of(ahead.get_attribute("data-id")) == run
    expect(of_run(tab, "mark", server, other).locator("xpath=ancestor::*[@class='layer faded']")).to_have_count(1)
    # The other one's row is out of sight, until the pointer is on its curve.
    row = of_run(tab, "suggestion-row", server, other)
    expect(row).not_to_be_in_viewport()
    dot = of_run(tab, "mark", server, other).bounding_box()
    assert dot is not None
    page.mouse.move(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    expect(row).to_have_class("front")
    expect(row).to_be_in_viewport()
    expect(of_run(tab, "suggestion-row", server, run)).not_to_have_class("front")


def test_the_name_of_an_optimizer_is_shown_whole(tab):
    cells = tab.locator("[data-testid='suggestion-settings.optimizer']", has_text="momentum")
    expect(cells).to_have_text(["SGD, momentum 0.9"] * 3)
    rows = tab.locator(".run-meta", has_text="momentum")
    expect(rows).to_have_text(["SGD, momentum 0.9 · batch 32"] * 3)
    for elements in (cells, rows):
        assert elements.evaluate_all("all => all.every((one) => one.scrollWidth <= one.clientWidth)")


def test_groups_share_a_colour_and_are_chosen_at_once(tab, server):
    def colors(*runs: str) -> set[str]:
        swatches = (of_run(tab, "suggestion-row", server, run).locator(".swatch") for run in runs)
        return {swatch.evaluate("element => getComputedStyle(element).stroke") for swatch in swatches}

    tab.get_by_test_id("group-by").select_option("optimizer")
    groups = tab.get_by_test_id("group")
    expect(groups).to_have_text(["Adam3", "RMSprop3", "SGD, momentum 0.93"])
    assert len(colors("net-0/adam", "net-1/adam", "net-2/adam")) == 1
    assert len(colors("net-0/adam", "net-0/sgd", "net-0/rmsprop")) == 3
    groups.nth(1).get_by_role("checkbox").uncheck()
    expect(tab.get_by_test_id("curve")).to_have_count(6)
    assert "net-0/rmsprop" not in runs_in(tab.get_by_test_id("suggestion-row"))
    groups.nth(1).get_by_role("checkbox").check()
    expect(tab.get_by_test_id("curve")).to_have_count(9)

    tab.get_by_test_id("group-by").select_option("regex")
    tab.get_by_test_id("group-expression").fill("net-([01])")
    expect(groups).to_have_text(["03", "13", "other3"])
    assert len(colors("net-1/adam", "net-1/sgd", "net-1/rmsprop")) == 1
    tab.get_by_test_id("group-expression").fill("net-([01]")
    expect(tab.get_by_role("alert")).to_contain_text("not a valid regular expression")
    expect(groups).to_have_count(0)
    assert len(colors("net-1/adam", "net-1/sgd", "net-1/rmsprop")) == 3


def test_small_multiples_share_their_axes(tab):
    tab.locator("[data-testid=layout] input[value=multiples]").check()
    charts = tab.get_by_test_id("chart")
    expect(charts).to_have_count(len(RUNS))
    for axis in ("x", "y"):
        assert len({charts.nth(index).get_attribute(f"data-{axis}-domain") for index in range(len(RUNS))}) == 1
    panel = tab.get_by_test_id("multiple").last
    panel.scroll_into_view_if_needed()
    panel.hover()
    row = tab.locator("[data-testid=suggestion-row].front")
    expect(row).to_have_attribute("data-id", panel.get_attribute("data-id") or "")
    expect(row).to_be_in_viewport()
    tab.get_by_test_id("group-by").select_option("optimizer")
    expect(charts).to_have_count(3)
    expect(charts.first.get_by_test_id("curve")).to_have_count(3)


def test_groups_are_drawn_as_mean_and_range(page, tab):
    tab.get_by_test_id("group-by").select_option("optimizer")
    before = domain(tab, "y")
    tab.locator("[data-testid=layout] input[value=means]").check()
    expect(tab.get_by_test_id("curve")).to_have_count(3)
    expect(tab.get_by_test_id("spread")).to_have_count(3)
    assert domain(tab, "y") == before
    expect(tab.get_by_test_id("marks").get_by_role("listitem")).to_have_text(
        [
            *(f"{name}: mean of 3 runs" for name in ("Adam", "RMSprop", "SGD, momentum 0.9")),
            "from the group's lowest run to its highest",
        ]
    )
    box = tab.get_by_test_id("plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(tab.get_by_test_id("tooltip").locator("th")).to_have_text(["Group", "LR", "Lowest", "Highest", "Mean"])


def test_a_pinned_run_stays_whatever_is_filtered_and_shown(page, tab):
    pinned = row_of(tab, "net-2/sgd")
    pinned.hover()
    pinned.get_by_test_id("pin").click()
    tab.get_by_test_id("filter").fill("net-0")
    expect(tab.get_by_test_id("curve")).to_have_count(4)
    assert runs_in(tab.get_by_test_id("run-row"))[0] == "net-2/sgd"
    assert runs_in(tab.get_by_test_id("suggestion-row"))[0] == "net-2/sgd"
    expect(tab.get_by_test_id("times")).to_have_count(3)
    other = row_of(tab, "net-0/adam")
    other.hover()
    other.get_by_test_id("only").click()
    expect(tab.get_by_test_id("curve")).to_have_count(2)
    expect(page).to_have_url(re.compile("p.lr_finder.pin=.*p.lr_finder.runs=none"))
    page.reload()
    expect(tab.get_by_test_id("pin").first).to_have_attribute("aria-pressed", "true")
    expect(tab.get_by_test_id("curve")).to_have_count(2)


def test_tests_of_one_directory_are_told_apart(page, tmp_path):
    for seed in range(2):
        write(tmp_path, "same", seed=seed)
    with serve(tmp_path) as server:
        server.wait_for(lambda _: len(server.json("traces")["traces"]) == 2)
        tab = open_tab(page, server)
        rows = tab.get_by_test_id("suggestion-row")
        expect(rows).to_have_count(2)
        starts = {rows.nth(index).locator(".apart").inner_text() for index in range(2)}
        assert all(re.search(r"\d\d:\d\d:\d\d", start) for start in starts)
        ids = {rows.nth(index).get_attribute("data-id") for index in range(2)}
        assert len(ids) == 2
        assert {run_of(one) for one in ids} == {"same"}
        list_rows = tab.get_by_test_id("run-row")
        list_rows.nth(1).hover()
        list_rows.nth(1).get_by_test_id("only").click()
        expect(tab.get_by_test_id("curve")).to_have_count(1)
        expect(tab.get_by_test_id("compared")).to_have_text("1 of 2")


def test_a_long_list_is_filtered_and_scrolled_row_by_row(page, tmp_path):
    for index in range(MANY):
        write(tmp_path, f"sweep/run-{index:04d}", seed=index, num_steps=20)
    with serve(tmp_path) as server:
        server.wait_for(lambda traces: len(traces) == MANY)
        tab = open_tab(page, server)
        rows = tab.get_by_test_id("run-row")
        expect(rows.first).to_be_visible()
        # What nobody sees is not there.
        assert rows.count() < MANY / 2
        tab.locator(".runs").evaluate("element => element.scrollTo(0, element.scrollHeight)")
        last = tab.locator(f"[data-run='sweep/run-{MANY - 1:04d}']")
        expect(last).to_be_in_viewport()
        # It is among the newest.
        last.get_by_role("checkbox").uncheck()
        expect(tab.get_by_test_id("compared")).to_have_text(f"9 of {MANY}")
        tab.get_by_test_id("filter").fill("run-03[12]")
        expect(rows).to_have_count(20)
        expect(rows.first).to_be_in_viewport()
        tab.get_by_test_id("filter").fill("")
        expect(rows.first).to_have_attribute("data-run", "sweep/run-0000")
