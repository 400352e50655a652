"""Answers and addresses of any content, in a real TensorBoard in a real Chromium: the page stays, its console clean."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from tests.support.browser import domain, open_tab, row_of, tab_of
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import plateaus, synthetic_curve, write_trace, write_training

pytestmark = pytest.mark.browser

# The names on which `(a+)+$` takes a browser's own expressions longer than a lifetime.
RUNS = [f"{'a' * 60}-{index}!" for index in range(5)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log_dir = tmp_path_factory.mktemp("hostile")
    for seed, run in enumerate(RUNS):
        write_trace(log_dir / run, synthetic_curve(100, seed=seed))
    write_training(log_dir / "training", plateaus())
    with serve(log_dir) as running:
        running.wait_for(lambda traces: len(traces) == len(RUNS) + 1 and all(one["rows"] for one in traces.values()))
        yield running


def change_list(page: Page, change: Callable[[dict[str, Any]], None]) -> None:
    """Has the page receive another list of traces than the server sends."""

    def answer(route: Route) -> None:
        response = route.fetch()
        content = response.json()
        if "traces" in content:
            change(content)
        route.fulfill(response=response, body=json.dumps(content))

    page.route("**/plugin/lr_finder/traces?*", answer)


def open_at(page: Page, server: Server, **settings: str) -> FrameLocator:
    texts = "".join(f"&p.lr_finder.{name}={quote(text, safe='')}" for name, text in settings.items())
    page.goto(f"{server.url}/#lr_finder{texts}")
    tab = tab_of(page)
    tab.get_by_test_id("lr-finder").wait_for()
    return tab


def test_a_malformed_trace_is_told_in_its_row_beside_the_good_ones(page, server):
    def spoil(content: dict[str, Any]) -> None:
        bad, named_badly = content["traces"][:2]
        bad["num_steps"] = 100.5
        named_badly["run"] = "\u202e<img src=x onerror=alert(1)>\0" + "x" * 100_000
        named_badly |= {"status_text": "y" * 100_000, "optimizer": "z" * 100_000, "stop_reason": "s" * 100_000}
        content["traces"] += [None, dict(bad), {**named_badly, "id": 5}]
        content["omitted"] = 1234

    change_list(page, spoil)
    tab = open_tab(page, server)
    expect(tab.get_by_test_id("curve")).to_have_count(len(RUNS) - 1)
    statuses = tab.locator("[data-testid=run-row][data-status=damaged] [data-testid=run-status]")
    expect(statuses).to_have_count(4)
    expect(statuses.filter(has_text="num_steps must be a whole number from 0. Received: 100.5.")).to_have_count(1)
    expect(statuses.filter(has_text="its id stands in the list twice.")).to_have_count(1)
    expect(statuses.filter(has_text="id must be text. Received: 5.")).to_have_count(1)
    expect(statuses.filter(has_text="it must be an object. Received: null.")).to_have_count(1)
    expect(tab.get_by_test_id("omitted")).to_contain_text("1,234 more runs are not listed")
    assert tab.locator("body").evaluate("body => body.scrollWidth <= innerWidth")
    row = tab.locator("[data-testid=run-row]").nth(1).bounding_box()
    assert row is not None
    assert row["height"] < 200
    assert tab.locator(".suggestions").evaluate("table => table.scrollWidth <= 2 * table.clientWidth")


def test_an_expression_in_the_address_is_answered_at_once(page, server):
    tab = open_at(page, server, filter="(a+)+$")
    expect(tab.get_by_test_id("state-none-selected")).to_have_text("No run matches the filter")
    tab.get_by_test_id("filter").fill("(a|aa)+-[13]")
    expect(tab.get_by_test_id("run-row")).to_have_count(2)
    tab.get_by_test_id("filter").fill("(a?){900}" * 20)
    expect(tab.get_by_role("alert")).to_have_text("This expression takes too long; all runs are listed.")
    expect(tab.get_by_test_id("run-row")).to_have_count(len(RUNS))
    tab.get_by_test_id("filter").fill("a" * 1_001)
    expect(tab.get_by_role("alert")).to_have_text("This expression has more than 1000 characters; all runs are listed.")
    tab.get_by_test_id("group-by").select_option("regex")
    tab.get_by_test_id("group-expression").fill("(a+)+-([12])")
    expect(tab.get_by_test_id("group")).to_have_count(2)


@pytest.mark.parametrize(
    "settings",
    [
        {"filter": "(" * 100_000},
        {"zoom": '{"x":[-1e308,1e308],"y":[-1e308,1e308]}', "x": "linear"},
        {"zoom": '{"x":[1e-320,2e-320],"y":[0,1]}', "rate": "1e-320"},
        {"zoom": '{"x":[1e-100,1e100],"y":[-1e100,1e100]}', "rate": "1e308", "x": "linear", "y": "log"},
        {"zoom": '{"x":[0.01,0.0100000001],"y":[1,1.0000000001]}'},
        {"runs": "none\n-5 gone\n1e99 lost", "run": "[]", "sort": "__proto__", "layout": "constructor"},
        {"smoothing": "1e999", "skip_start": "-1", "slope_smoothing": "NaN", "show": "slope", "value": "a" * 50_000},
        {"__proto__": "1", "view": "toString", "method": "\ufffd\0"},
    ],
    ids=lambda settings: "-".join(settings),
)
def test_an_address_of_any_content_opens_the_page(page, server, settings):
    tab = open_at(page, server, **settings)
    expect(row_of(tab, RUNS[0])).to_be_visible()
    if "runs" in settings:
        expect(tab.get_by_test_id("state-none-selected")).to_be_visible()
        return
    expect(tab.get_by_test_id("chart")).to_be_visible()
    assert all(abs(end) < 1e101 for axis in "xy" for end in domain(tab, axis))
    assert "NaN" not in tab.get_by_test_id("chart").evaluate("chart => chart.outerHTML")


@pytest.mark.parametrize(
    "zoom",
    ['{"x":[-1e308,1e308],"y":null,"right":null}', '{"x":[0,10],"y":[-1,1],"right":[1,1]}', "null", "[1,2"],
)
def test_a_zoom_of_schedules_of_any_content_opens_the_page(page, server, zoom):
    tab = open_at(page, server, view="schedules", s_zoom=zoom, s_tag="x" * 5_000)
    expect(tab.locator("svg[role=img]")).to_be_visible()
    assert "NaN" not in tab.locator("svg[role=img]").evaluate("chart => chart.outerHTML")


def test_an_address_may_name_things_twice_and_thousands_that_nobody_knows(page, server):
    unknown = "".join(f"&p.lr_finder.x{index}=1" for index in range(2_000))
    page.goto(f"{server.url}/#lr_finder&p.lr_finder.filter=gone&p.lr_finder.filter=-[12]{unknown}")
    tab = tab_of(page)
    expect(tab.get_by_test_id("run-row")).to_have_count(2)
    expect(tab.get_by_test_id("filter")).to_have_value("-[12]")
