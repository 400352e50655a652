"""The tab beside a test that runs: how far it is, how it ended, and help for those who never saw such a curve."""

from __future__ import annotations

import itertools
import re
import statistics
import threading
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tb_lrfinder import numerals, suggest
from tests.support.browser import open_tab
from tests.support.tensorboard_server import Server, serve
from tests.support.traces import append, as_recorded, open_trace, synthetic_curve

pytestmark = pytest.mark.browser

NUM_STEPS = 300
SECONDS = 15.0
CURVE = synthetic_curve(NUM_STEPS)

# When, in seconds, the curve reached farther to the right than before.
_GROWTH = """async (chart, seconds) => {
    const moments = [];
    let reached = 0;
    const end = performance.now() + 1000 * seconds;
    while (performance.now() < end) {
        const width = chart.querySelector("[data-testid=curve]")?.getBBox().width ?? 0;
        if (width > reached) {
            moments.push(performance.now() / 1000);
            reached = width;
        }
        await new Promise(requestAnimationFrame);
    }
    return moments;
}"""


def run_test(log_dir: Path) -> None:
    """Writes the curve in real time, as a range test does."""
    with open_trace(log_dir, NUM_STEPS) as trace:
        start = time.monotonic()
        for step in range(NUM_STEPS):
            append(trace, CURVE, step, step + 1)
            time.sleep(max(0.0, start + (step + 1) * SECONDS / NUM_STEPS - time.monotonic()))


class Growth(threading.Thread):
    """Counts, as long as the context lasts, how often the server's list has more rows of a trace than before."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.count = 0
        self._server = server
        self._ended = threading.Event()

    def run(self) -> None:
        reached = 0
        while not self._ended.wait(0.1):
            (trace,) = self._server.traces().values()
            if trace["rows"] > reached:
                self.count += 1
                reached = trace["rows"]

    def __enter__(self) -> Growth:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()


def test_a_running_test_is_watched_to_its_end_and_explained(page, tmp_path):
    test = threading.Thread(target=run_test, args=[tmp_path / "digits"])
    with serve(tmp_path) as server:
        test.start()
        server.wait_for(lambda traces: traces and traces["digits"]["rows"])
        tab = open_tab(page, server)
        strip, words = tab.get_by_test_id("progress"), tab.get_by_test_id("progress-words")
        expect(words).to_have_text(re.compile(rf"Step \d+ of {NUM_STEPS}"))
        expect(tab.get_by_test_id("announcements")).to_have_text("digits: running.")
        with Growth(server) as growth:
            moments = tab.locator("main").evaluate(_GROWTH, 7.0)
        # TensorBoard reads its files every second, plus the time that takes; writer and tab are twice as fast, so that
        # whatever it reads has grown, and is drawn before it reads again. Only the first and the last may fall outside.
        assert len(moments) >= growth.count - 2 >= 2
        assert statistics.median(later - earlier for earlier, later in itertools.pairwise(moments)) < 2.0
        expect(tab.get_by_test_id("progress-left")).to_have_text(re.compile("^(about [123]0 s|a few seconds) left$"))
        steps = int(re.findall(r"\d+", words.inner_text())[0])
        assert float(strip.locator("progress").get_attribute("value") or "nan") >= steps / NUM_STEPS > 0
        test.join()
        rate = suggest(as_recorded(CURVE)).learning_rate
        assert rate is not None
        expect(words).to_have_text(f"Finished: suggested rate {numerals.rate(rate)}", timeout=10_000)
        expect(tab.get_by_test_id("announcements")).to_have_text(
            f"digits: Finished: suggested rate {numerals.rate(rate)}."
        )
        expect(strip).to_have_count(0, timeout=15_000)

        button, dialog = tab.get_by_test_id("help"), tab.get_by_test_id("how-to-read")
        button.focus()
        page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        expect(dialog).to_have_attribute("aria-labelledby", "how-to-read")
        expect(dialog.get_by_role("button", name="Close")).to_be_focused()
        expect(dialog.get_by_test_id("alike")).to_have_text("digits looks like this.")
        expect(dialog.get_by_test_id("shape-good").get_by_test_id("alike")).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(button).to_be_focused()
