"""How fast the tab is, from the input to the screen, beside TensorBoard's own Time Series on the same points.

    python -m benchmarks.tab

A real Chromium shows a real TensorBoard; the mouse is moved as a hand moves it. A time ends when Chromium presents the frame
that shows the change: computed, painted, rasterised and composited (`probe.js` says how that is known). Ending it where
the page's own code ends, in an animation frame or the one after, would leave out the rasterising, most of the time of a
chart with many lines. It begins at the input's own time stamp.

- *first chart*: from the navigation to TensorBoard's page with an empty cache, or from the click on the tab, to the frame
  with the last curve of those that the tab selects by itself; *all runs*: from the click that selects the others to theirs.
- *slider*: from a movement of the held slider to the chart. TensorBoard moves its chart when the slider is let go, which is
  where its time begins.
- *zoom*: from the end of a drag to the zoomed chart; *refined*: until nothing more arrives from the server.
- *hover*: from a movement of the pointer to the readout at its new place.
- *server*: a request of the tab, repeated directly; what it reads, the server has read before.

Every run is drawn while slider, zoom and hover are measured. Time Series draws its lines on a canvas, whose changes a page
cannot see: its times end when axes, readout or table are on the screen, and are lower bounds. Tabs are measured in turn
within each round, so that a slow moment of the machine meets all.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.tab import measuring
from benchmarks.tab.measuring import Column
from tests.support.browser import launched

SIZES = [(10, 1_000), (100, 1_000), (10, 100_000)]


def goals(num_runs: int, num_points: int) -> dict[str, float]:
    """Milliseconds that each thing may take."""
    change = 50.0 if num_runs * num_points <= 10_000 else 150.0
    return {
        measuring.FIRST_BY_ADDRESS: 1000.0,
        measuring.FIRST_BY_CLICK: 1000.0,
        measuring.SLIDE: change,
        measuring.ZOOM: change,
        measuring.HOVER: 16.0,
    }


def table(columns: list[Column], limits: dict[str, float]) -> str:
    routes = [name for column in columns for name in column.values if name.startswith(measuring.SERVER)]
    names = [name for name in (*measuring.NAMES, *routes) if any(_cell(column, name) for column in columns)]
    heads = " | ".join(column.title for column in columns)
    lines = [f"| | goal | {heads} |", f"|---|---:|{'---:|' * len(columns)}"]
    for name in names:
        goal = f"{limits[name]:,.0f}" if name in limits else ""
        cells = " | ".join(_cell(column, name) for column in columns)
        lines.append(f"| {name} | {goal} | {cells} |")
    return "\n".join(lines)


def _cell(column: Column, name: str) -> str:
    if name in column.too_slow:
        return "too slow"
    values = column.values.get(name)
    if not values:
        return ""
    middle = f"{statistics.median(values):,.0f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.0f}–{max(values):,.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures how fast the tab is, beside TensorBoard's own.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds after which anything is too slow")
    parser.add_argument("--size", type=int, nargs=2, action="append", metavar=("RUNS", "POINTS"), help="instead of all")
    arguments = parser.parse_args()
    print(f"Medians of {arguments.rounds} rounds in milliseconds, and their range. {os.cpu_count()} CPU cores, no GPU.")
    with launched() as browser:
        for num_runs, num_points in arguments.size or SIZES:
            with tempfile.TemporaryDirectory() as folder:
                columns = measuring.measure(
                    browser, Path(folder), num_runs, num_points, arguments.rounds, arguments.patience
                )
            print(f"\n{num_runs} runs of {num_points:,} points:\n")
            print(table(columns, goals(num_runs, num_points)), flush=True)


if __name__ == "__main__":
    main()
