"""Saving what the tab shows, in a real TensorBoard in a real Chromium: the files as other programs read them."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tb_lrfinder import suggest
from tb_lrfinder.curves.smoothing import ema
from tests.support.browser import open_tab
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import as_recorded, plateaus, synthetic_curve, write_scalars, write_trace, write_training

pytestmark = pytest.mark.browser

CURVES = {"first": synthetic_curve(300, seed=1), "comma, second": synthetic_curve(200, seed=2, centre=-3.0)}
WHITE = "rgb(255, 255, 255)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log_dir = tmp_path_factory.mktemp("logs")
    for run, curve in CURVES.items():
        write_trace(log_dir / run, curve)
    write_training(log_dir / "training", plateaus())
    write_scalars(log_dir / "training", "val_loss", (3.0, 2.0, 1.0))
    with serve(log_dir) as running:
        running.wait_for(lambda traces: len(traces) == 3 and all(trace["rows"] for trace in traces.values()))
        yield running


def save(page: Page, tab: FrameLocator, kind: str) -> tuple[str, bytes]:
    """Name and content of the file that an item of the menu saves."""
    tab.get_by_test_id("export").click()
    with page.expect_download() as waiting:
        tab.locator(f"[role=menuitem][value={kind}]").click()
    path = Path(waiting.value.path())
    return waiting.value.suggested_filename, path.read_bytes()


def saved_picture(page: Page, tab: FrameLocator) -> ElementTree.Element:
    """An SVG that needs nothing but itself, with its tags without their namespace."""
    _, content = save(page, tab, "svg")
    text = content.decode()
    for foreign in ("foreignObject", "http://", "https://", "var(", "class=", "style="):
        assert foreign not in text.replace('xmlns="http://www.w3.org/2000/svg"', ""), foreign
    picture = ElementTree.fromstring(text)
    for element in picture.iter():
        element.tag = element.tag.removeprefix("{http://www.w3.org/2000/svg}")
    return picture


def curves_in(picture: ElementTree.Element) -> list[ElementTree.Element]:
    """The smoothed lines: two pixels wide, of many points."""
    return [path for path in picture.iter("path") if path.get("d", "").count("L") > 5]


def texts_in(picture: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter("text")]


def table_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def column_of(rows: list[dict[str, str]], name: str, **names: str) -> list[float]:
    return [float(row[name]) for row in rows if names.items() <= row.items()]


def test_the_sweeps_are_saved_as_they_are_shown(page, server):
    tab = open_tab(page, server)
    expect(tab.get_by_test_id("mark-label")).to_have_count(2)

    light = saved_picture(page, tab)
    width, height = int(light.get("width", "0")), int(light.get("height", "0"))
    assert light.get("viewBox") == f"0 0 {width} {height}"
    assert "sans-serif" in light.get("font-family", "")
    assert light.get("font-size") == "12px"
    background = light.find("rect")
    assert background is not None
    assert {name: background.get(name) for name in ("width", "height", "fill")} == {
        "width": str(width), "height": str(height), "fill": WHITE
    }  # fmt: skip
    assert len(curves_in(light)) == len(CURVES)
    for run, curve in CURVES.items():
        (text,) = (text for text in texts_in(light) if text.startswith(run))
        rate, edge = map(float, text.removeprefix(run).split(", edge "))
        found = suggest(as_recorded(curve))
        assert (rate, edge) == (pytest.approx(found.learning_rate, rel=5e-3), pytest.approx(found.edge, rel=5e-3))
    edges = [path for path in light.iter("path") if path.get("stroke-dasharray") == "2px, 3px"]
    assert len(edges) == len(CURVES)
    assert "Loss against learning rate" in texts_in(light)

    page.evaluate("document.body.classList.add('dark-mode')")
    expect(tab.get_by_test_id("lr-finder")).to_have_attribute("data-theme", "dark")
    dark = saved_picture(page, tab)
    assert [element.attrib for element in dark.iter()] == [element.attrib for element in light.iter()]

    name, png = save(page, tab, "png")
    assert re.fullmatch(r"lr-finder-\d{4}-\d\d-\d\d\.png", name)
    assert struct.unpack(">II", png[16:24]) == (2 * width, 2 * height)

    chart = tab.get_by_test_id("chart")
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()
    expect(tab.get_by_test_id("reset-zoom")).to_be_visible()
    lower, upper = (float(end) for end in (chart.get_attribute("data-x-domain") or "").split(","))
    rows = table_of(save(page, tab, "csv")[1])
    document: dict[str, Any] = json.loads(save(page, tab, "json")[1])
    assert document["zoom"]["x"] == [lower, upper]
    for run, curve in CURVES.items():
        shown = (curve.learning_rates >= lower) & (curve.learning_rates <= upper)
        assert 0 < shown.sum() < len(curve)
        expected = {
            "step": np.flatnonzero(shown).tolist(),
            "learning_rate": curve.learning_rates[shown].tolist(),
            "loss": curve.losses[shown].tolist(),
        }
        (block,) = (block for block in document["data"] if block["run"] == run)
        for column, values in expected.items():
            assert column_of(rows, column, run=run) == values
            assert block["columns"][column] == values
        assert column_of(rows, "smoothed", run=run) == pytest.approx(ema(curve.losses, 0.6)[shown], rel=1e-12)
        suggestion = suggest(as_recorded(curve))
        assert suggestion.confidence is not None
        assert block["suggestion"]["learning_rate"] == suggestion.learning_rate
        assert block["suggestion"]["lower"] == suggestion.lower
        assert block["suggestion"]["upper"] == suggestion.upper
        assert block["blow_up_edge"] == suggestion.edge
        assert set(column_of(rows, "blow_up_edge", run=run)) == {suggestion.edge}
        assert block["suggestion"]["confidence"] == suggestion.confidence.word


def test_schedules_and_plans_are_saved_on_a_narrow_page_too(page, server):
    page.set_viewport_size({"width": 360, "height": 780})
    tab = open_tab(page, server)
    tab.locator("[data-testid=view][value=schedules]").click()
    tab.get_by_test_id("overlay").select_option("val_loss")
    expect(tab.get_by_test_id("overlay-line")).to_have_count(1)

    tab.get_by_test_id("export").press("Enter")
    menu = tab.get_by_role("menu")
    items = menu.bounding_box()
    assert items is not None
    assert 0 <= items["x"] < items["x"] + items["width"] <= 360
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(tab.get_by_test_id("export")).to_be_focused()

    assert {"training", "training: val_loss"} < set(texts_in(saved_picture(page, tab)))
    rows = table_of(save(page, tab, "csv")[1])
    steps = [row for row in rows if row["tag"] == ""]
    recorded = server.schedule(server.traces()["training"]["id"])[1]
    for name in ("step", "learning_rate", "epoch", "wall_time"):
        assert column_of(steps, name) == recorded[name].tolist()
    assert column_of(rows, "value", tag="val_loss") == [3.0, 2.0, 1.0]

    tab.locator("[data-testid=view][value=planner]").click()
    expect(tab.get_by_test_id("plan-chart")).to_be_visible()
    name, content = save(page, tab, "json")
    assert name.startswith("planner-")
    (block,) = json.loads(content)["data"]
    assert block["code"] == tab.get_by_test_id("recipe-code").inner_text()
    assert len(block["columns"]["step"]) == len(block["columns"]["learning_rate"])
