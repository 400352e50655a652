"""The views of the LR Finder in a real browser: the slope, other values and axes, and curves too long to be sent whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import FrameLocator, Locator, Response, expect

from tb_lrfinder.curves.curve import Curve
from tests.support.browser import domain, drag, open_tab
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import open_trace, synthetic_curve, write_trace

pytestmark = pytest.mark.browser

LONG = synthetic_curve(100_000, seed=3)
SHORT = synthetic_curve(300, seed=1)
SPREAD = 0.3
MAX_POINTS = 4_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log_dir = tmp_path_factory.mktemp("views")
    write_trace(log_dir / "long", LONG)
    write_trace(log_dir / "plain", SHORT)
    with open_trace(log_dir / "rich", len(SHORT)) as writer:
        for step, (rate, loss) in enumerate(zip(SHORT.learning_rates.tolist(), SHORT.losses.tolist(), strict=True)):
            writer.append(rate, loss, loss_std=SPREAD, val_loss=loss + 1 if step % 3 == 0 else float("nan"))
    with serve(log_dir) as running:
        running.wait_for(lambda traces: len(traces) == 3 and all(trace["rows"] for trace in traces.values()))
        yield running


# The table below takes room from the chart when the suggestion comes: what is read before does not fit what is read after.
SETTLED = """
chart => new Promise((done) => {
  let before = "", alike = 0;
  const look = () => {
    const now = `${chart.clientHeight} ${chart.querySelector("path.axis")?.getAttribute("d")}`;
    alike = now === before ? alike + 1 : 0;
    before = now;
    if (alike === 6) done();
    else requestAnimationFrame(look);
  };
  look();
})
"""


def show(tab: FrameLocator, run: str) -> None:
    tab.get_by_test_id("filter").fill(f"^{run}$")
    expect(tab.get_by_test_id("curve")).to_have_count(1)
    expect(tab.get_by_test_id("suggestion-row")).to_have_count(1)
    expect(tab.get_by_test_id("suggestion-rate")).not_to_be_empty()
    tab.get_by_test_id("chart").evaluate(SETTLED)


def set_options(tab: FrameLocator, **choices: str) -> None:
    """Chooses from the options of the chart, and closes them by the keyboard."""
    button = tab.get_by_test_id("chart-options").locator("button")
    button.press("Enter")
    for group, value in choices.items():
        tab.locator(f"[data-testid={group.replace('_', '-')}] input[value={value}]").check()
    tab.get_by_test_id("order").press("Escape")
    expect(tab.get_by_test_id("order")).to_be_hidden()
    expect(button).to_be_focused()


def points(path: Locator) -> NDArray[np.float64]:
    """The coordinates along a path, in pixels."""
    pairs = re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get_attribute("d") or "")
    return np.array(pairs, float)


def heights(tab: FrameLocator, tops: NDArray[np.float64]) -> NDArray[np.float64]:
    """What these heights, in pixels, say on the linear axis of values."""
    axis = re.match(r"M[\d.]+,([\d.]+)V([\d.]+)", tab.locator("path.axis").get_attribute("d") or "")
    assert axis is not None
    top, bottom = map(float, axis.groups())
    lo, hi = domain(tab, "y")
    return hi - (tops - top) / (bottom - top) * (hi - lo)


def test_the_slope_crosses_zero_and_carries_the_suggested_rate(page, server):
    tab = open_tab(page, server)
    show(tab, "plain")
    across = domain(tab, "x")
    tab.locator("[data-testid=show] input[value=slope]").check()
    expect(tab.get_by_test_id("zero")).to_be_attached()
    expect(tab.get_by_test_id("raw")).to_have_count(0)
    assert domain(tab, "x") == across
    _, sent = server.slope(server.traces()["plain"]["id"])
    mark = tab.get_by_test_id("mark")
    rate = float(mark.get_attribute("data-value") or "nan")
    (height,) = heights(tab, np.array([float(mark.get_attribute("cy") or "nan")]))
    expected = np.interp(np.log(rate), np.log(sent["learning_rate"]), sent["slope"])
    assert height == pytest.approx(expected, abs=0.02)
    before = tab.get_by_test_id("curve").get_attribute("d")
    tab.get_by_test_id("slope-smoothing").press("Home")
    expect(tab.get_by_test_id("curve")).not_to_have_attribute("d", before or "")


def test_any_value_on_any_axis_without_its_ends(page, server):
    tab = open_tab(page, server)
    show(tab, "rich")
    tab.get_by_test_id("column").select_option("val_loss")
    expect(tab.get_by_test_id("chart")).to_have_attribute("aria-label", re.compile("Chart of val_loss"))
    tab.get_by_test_id("smoothing").fill("0")
    set_options(tab, x_kind="linear", y_kind="log")
    expect(tab.get_by_text("val_loss (log)", exact=True)).to_be_visible()
    (left, _), (right, _) = (points(tab.get_by_test_id("curve"))[row] for row in (0, 1))
    assert right - left < 0.1, "the first rates of a log sweep lie on each other on a linear axis"
    tab.get_by_test_id("chart-options").locator("button").click()
    for end in ("start", "end"):
        tab.get_by_test_id(f"skip-{end}").fill("20")
        tab.get_by_test_id(f"skip-{end}").press("Enter")
    tab.get_by_test_id("tail").uncheck()
    # A press elsewhere closes the options.
    tab.get_by_test_id("filter").click()
    expect(tab.get_by_test_id("tail")).to_be_hidden()
    rates = SHORT.learning_rates[::3][20:-20]
    expect(tab.get_by_test_id("chart")).to_have_attribute("data-x-domain", re.compile(f",{rates[-1]}$"))
    assert domain(tab, "x") == (rates[0], rates[-1])
    assert len(points(tab.get_by_test_id("curve"))) <= len(rates)


def test_repeats_have_a_shade_of_one_deviation_to_each_side(page, server):
    tab = open_tab(page, server)
    show(tab, "rich")
    area = heights(tab, points(tab.get_by_test_id("spread"))[:, 1])
    upper, lower = area[: len(area) // 2], area[len(area) // 2 :][::-1]
    assert np.median(upper - lower) == pytest.approx(2 * SPREAD, rel=0.02)
    show(tab, "plain")
    expect(tab.get_by_test_id("spread")).to_have_count(0)


def test_a_long_curve_comes_in_part_and_a_zoom_brings_the_rest(page, server):
    asked: list[dict[str, list[str]]] = []

    def note(response: Response) -> None:
        if "/curves?" in response.url and "long" in response.url:
            asked.append(parse_qs(urlsplit(response.url).query))

    page.on("response", note)
    tab = open_tab(page, server)
    show(tab, "long")
    trace = server.traces()["long"]["id"]
    chart, curve, raw = (tab.get_by_test_id(name) for name in ("chart", "curve", "raw"))
    rows = len(server.rows(trace, max_points=MAX_POINTS, smoothing=0.6))
    assert rows <= MAX_POINTS + 2
    assert [query["max_points"] for query in asked] == [[str(MAX_POINTS)]]

    for smoothing in ("0.9", "0.2"):
        before = curve.get_attribute("d") or ""
        tab.get_by_test_id("smoothing").fill(smoothing)
        expect(curve).not_to_have_attribute("d", before)
    assert asked[-1]["smoothing"] == ["0.2"]

    coarse = curve.get_attribute("d") or ""
    drag(page, chart, (0.5, 0.5), (0.52, 0.51))
    expect(tab.get_by_test_id("reset-zoom")).to_be_visible()
    lower, upper = domain(tab, "x")
    page.wait_for_timeout(500)
    assert [float(asked[-1][end][0]) for end in ("lower", "upper")] == [lower, upper]
    inside = (LONG.learning_rates >= lower) & (LONG.learning_rates <= upper)
    shown = points(raw)
    visible = (shown[:, 0] >= 72) & (shown[:, 0] <= float(chart.get_attribute("width") or 0) - 20)
    drawn = heights(tab, shown[visible][:, 1])
    recorded = Curve(LONG.learning_rates[inside], LONG.losses[inside]).losses
    step = (domain(tab, "y")[1] - domain(tab, "y")[0]) / 1000
    assert (drawn.min(), drawn.max()) == pytest.approx((recorded.min(), recorded.max()), abs=step)

    requests = len(asked)
    tab.get_by_test_id("reset-zoom").click()
    expect(curve).to_have_attribute("d", coarse)
    page.wait_for_timeout(500)
    assert len(asked) <= requests + 1
