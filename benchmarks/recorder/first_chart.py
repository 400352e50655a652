"""How long it takes until long trainings are drawn: the tab's Schedules view in Chromium, on a real TensorBoard.

    python -m benchmarks.recorder.first_chart

`python -m benchmarks.recorder` says it too, below its tables.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.recorder.long_training import record
from tests.support.browser import chromium_path, open_tab
from tests.support.tensorboard_server import Server, serve

NAMES = ("cosine", "another rate every step")

# Inside the page, so that the way from here to there does not count. What is in the document when a frame begins has been
# painted when the next but one does.
_MILLISECONDS_TO_LINES = """async (view, count) => {
    const lines = () => view.ownerDocument.querySelectorAll("[data-testid=schedule-line]").length;
    const frame = () => new Promise(requestAnimationFrame);
    if (lines() > 0) throw new Error("The lines are there before the click.");
    const began = performance.now();
    view.click();
    while (lines() < count) {
        if (performance.now() - began > 30000) throw new Error(`${lines()} of ${count} lines after 30 s.`);
        await frame();
    }
    await frame();
    await frame();
    return performance.now() - began;
}"""


def first_chart(total: int, openings: int = 5) -> str:
    """A sentence: from the click on the view until two trainings of `total` steps are painted."""
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            record(Path(folder) / name, name, total)
        with serve(Path(folder)) as server:
            server.wait_for(lambda traces: [trace["status"] for trace in traces.values()] == ["finished"] * len(NAMES))
            seconds = _seconds(server, openings)
    return (
        f"First chart of two trainings, from the click to painted lines: {statistics.median(seconds):.2f} s, the median of "
        f"{openings} openings ({min(seconds):.2f} to {max(seconds):.2f} s)."
    )


def _seconds(server: Server, openings: int) -> list[float]:
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(playwright), args=["--no-sandbox"])
        for _ in range(openings):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            view = open_tab(page, server).locator("[data-testid=view][value=schedules]")
            found.append(view.evaluate(_MILLISECONDS_TO_LINES, len(NAMES)) / 1000)
            page.close()
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the time to the first chart of long trainings.")
    parser.add_argument("--total", type=int, default=10_000_000, help="steps of a training (default: %(default)s)")
    print(first_chart(parser.parse_args().total))


if __name__ == "__main__":
    main()
