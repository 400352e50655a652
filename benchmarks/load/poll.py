"""What a poll for news costs beside the data provider's own time: `python -m benchmarks.load.poll`."""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from tensorboard.data.provider import TensorTimeSeries

from tb_lrfinder.columns import Table
from tb_lrfinder.storage import schema
from tests.support.provided import data_of, series_of
from tests.support.served_apps import Routes
from tests.support.traces import header, rows_of, synthetic_curve

_HEADER = schema.encode_header("s-1", header(300, status="finished", stop_text="Swept to end_lr=10."))
_ROWS = schema.encode_rows("s-1", 0, Table(("step", "learning_rate", "loss"), rows_of(synthetic_curve(300))))


class Provider:
    """A provider that has its list ready, made anew for every look, as TensorBoard's are."""

    def __init__(self) -> None:
        self.listed: Any = {}

    def list_tensors(self, ctx: Any, **_: Any) -> Any:
        return self.listed

    def read_tensors(self, ctx: Any, *, run_tag_filter: Any, **_: Any) -> Any:
        return {run: {_HEADER.tag: data_of(_HEADER)} for run in run_tag_filter.runs}


def listed(num_runs: int, num_changed: int) -> dict[str, dict[str, TensorTimeSeries]]:
    """What a provider lists; the last runs were written to since the list without changes."""
    return {
        f"experiment/run_{index:05}": {
            value.tag: series_of(value, step=300, wall_time=1.7e9 + index + (index >= num_runs - num_changed))
            for value in (_HEADER, _ROWS)
        }
        for index in range(num_runs)
    }


def milliseconds(num_runs: int, num_changed: int, rounds: int) -> float:
    """Median processor time of a poll, from the request to the answer; in between, some runs changed."""
    provider = Provider()
    routes, times = Routes(provider), []
    for index in range(rounds + 1):
        provider.listed = listed(num_runs, num_changed * (index % 2))
        known = routes.json("traces")["version"]
        provider.listed = listed(num_runs, num_changed * ((index + 1) % 2))
        began = time.thread_time()
        routes.ask("traces", f"known={known}")
        times.append(time.thread_time() - began)
    return 1e3 * statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what a poll costs beside the data provider's own time.")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--runs", type=int, nargs="+", default=[200, 2_000])
    given = parser.parse_args()
    print("| runs | nothing new | one run changed |\n|---:|---:|---:|")
    for num_runs in given.runs:
        nothing, one = (milliseconds(num_runs, changed, given.rounds) for changed in (0, 1))
        print(f"| {num_runs:,} | {nothing:.1f} ms | {one:.1f} ms |")


if __name__ == "__main__":
    main()
