"""Range tests in the middle of trainings, in a real TensorBoard in a real Chromium."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tb_lrfinder.storage.writer import TraceWriter
from tests.support.browser import open_tab
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import FACTS, append, synthetic_curve, write_probed

pytestmark = pytest.mark.browser

ALIKE = {"model": "Functional", "parameters": 101_770, "optimizer": FACTS["optimizer"], "batch_size": 32}
PLACES = (0, 300, 600)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two trainings with three probes each, and the range test that both of them belong to."""
    log_dir = tmp_path_factory.mktemp("probes")
    curve = synthetic_curve(100)
    facts = {name: FACTS[name] for name in ("start_lr", "end_lr", "spacing")}
    with TraceWriter(log_dir / "test", num_steps=100, **facts, **ALIKE) as writer:
        append(writer, curve)
    for run in ("first", "second"):
        write_probed(log_dir / run, PLACES, **ALIKE)
    with serve(log_dir) as running:
        running.wait_for(lambda _: len(rows := all_rows(running)) == 9 and all(rows))
        yield running


def all_rows(server: Server) -> list[int]:
    return [trace["rows"] for trace in server.json("traces")["traces"]]


def schedules(page: Page, server: Server) -> FrameLocator:
    """The tab at the Schedules view, with the probes drawn."""
    tab = open_tab(page, server)
    tab.locator("[data-testid=view][value=schedules]").click()
    expect(tab.get_by_test_id("probe")).to_have_count(2 * len(PLACES))
    return tab


def press_at(page: Page, mark: Locator) -> None:
    """Clicks where a mark is, whatever lies over it."""
    box = mark.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_the_band_stands_behind_the_rate_on_every_axis(page, server):
    tab = schedules(page, server)
    domains = set()
    for axis in ("step", "epoch", "wall", "relative"):
        tab.get_by_test_id("x-axis").select_option(axis)
        for mark in ("probe-band", "probe-edge", "probe-line", "schedule-line"):
            expect(tab.get_by_test_id(mark)).to_have_count(2)
        expect(tab.get_by_test_id("probe")).to_have_count(2 * len(PLACES))
        domains.add(tab.get_by_test_id("schedule-chart").get_attribute("data-x-domain"))
    assert len(domains) == 4
    for row in tab.get_by_test_id("schedule-row").all():
        expect(row).to_contain_text("3 probes")
        assert row.get_by_test_id("probe-sentence").count() > 0


def test_a_probe_opens_its_curve_and_back_leads_back(page, server):
    tab = schedules(page, server)
    tab.get_by_test_id("x-axis").select_option("epoch")
    mark = tab.get_by_test_id("probe").nth(1)
    probe = mark.get_attribute("data-probe")
    press_at(page, mark)
    expect(tab.get_by_test_id("curve")).to_have_attribute("data-id", str(probe))
    expect(tab.get_by_test_id("training-rate")).to_have_attribute("data-value", "0.01")
    expect(tab.locator(f"[data-testid=run-row][data-id='{probe}']")).to_contain_text("step 300")
    page.wait_for_function("location.hash.includes('probes')")
    page.go_back()
    expect(tab.get_by_test_id("schedule-line")).to_have_count(2)
    expect(tab.get_by_test_id("x-axis")).to_have_value("epoch")
    tab.locator("[data-testid=view][value=finder]").click()
    expect(tab.get_by_test_id("curve")).to_have_count(1)
    expect(tab.get_by_test_id("training-rate")).to_have_count(0)


def test_a_probe_is_read_and_opened_by_the_keyboard(page, server):
    tab = schedules(page, server)
    plot = tab.get_by_test_id("plot")
    plot.focus()
    page.keyboard.press("Home")
    expect(tab.get_by_test_id("tooltip")).to_contain_text("Nearest probe")
    expect(tab.get_by_test_id("spoken")).to_contain_text("probed at step 0: rate 0.01, suggested")
    page.keyboard.press("Enter")
    expect(tab.get_by_test_id("training-rate")).to_have_count(1)


def test_a_training_and_its_range_test_lead_to_each_other(page, server):
    tab = schedules(page, server)
    pair = tab.get_by_test_id("pair").first
    expect(pair).to_contain_text("Trained at 0.01, suggested ")
    pair.get_by_test_id("open-pair").click()
    expect(tab.get_by_test_id("curve")).to_have_count(1)
    expect(tab.get_by_test_id("pair")).to_have_count(2)
    tab.get_by_test_id("open-pair").last.click()
    expect(tab.get_by_test_id("schedule-row")).to_have_count(1)


def test_probes_do_not_drown_the_list_of_tests(page, server):
    tab = open_tab(page, server)
    expect(tab.get_by_test_id("curve")).to_have_count(1)
    expect(tab.get_by_test_id("run-row")).to_have_count(1)
    folded = tab.get_by_test_id("probes")
    expect(folded).to_have_count(2)
    folded.first.get_by_role("button", name="3 probes").click()
    expect(folded.first.get_by_test_id("run-row")).to_have_count(3)


def test_probes_are_saved_with_the_rest(page, server):
    tab = schedules(page, server)

    def save(kind: str) -> str:
        tab.get_by_test_id("export").click()
        with page.expect_download() as waiting:
            tab.locator(f"[role=menuitem][value={kind}]").click()
        return Path(waiting.value.path()).read_text(encoding="utf-8")

    blocks = [block for block in json.loads(save("json"))["data"] if block.get("kind") == "probes"]
    assert [block["run"] for block in blocks] == ["first/probes", "second/probes"]
    assert blocks[0]["columns"]["step"] == list(PLACES)
    assert set(blocks[0]["columns"]) > {"learning_rate", "suggestion", "lower", "upper", "edge", "confidence"}
    texts = [
        "".join(text.itertext()) for text in ElementTree.fromstring(save("svg")).iter() if text.tag.endswith("text")
    ]
    assert {"usable band", "suggested rate", "blow-up edge"} <= set(texts)
