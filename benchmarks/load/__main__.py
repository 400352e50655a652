"""How quickly a shared TensorBoard answers while many look at it.

    python -m benchmarks.load

A real TensorBoard serves two hundred range tests and a long one. Clients, each in a thread of its own, ask in turn for the
list of traces with the version they know, for some curves as the tab draws them, and for the suggestions of the same traces,
which are drawn with a fixed seed. The table says how long whole answers took, compressed as a browser asks for them; that of
a single client stands beside it. Every table has a server of its own, so that what is computed once is in it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.load.clients import Answer, answers_of
from benchmarks.load.logs import write
from tests.support.tensorboard_server import serve

_ROUTES = ("traces", "curves", "suggestions")


def measured(log_dir: Path, num_traces: int, named: int, num_clients: int, seconds: float) -> str:
    """The table of so many clients."""
    with serve(log_dir) as server:
        server.wait_for(
            lambda traces: len(traces) == num_traces and all(_is_whole(one) for one in traces.values()), 300.0
        )
        ids = sorted(trace["id"] for trace in server.json("traces")["traces"])
        answers = answers_of(server.url, ids, named, num_clients, seconds)
    return table(answers, seconds)


def _is_whole(trace: dict[str, object]) -> bool:
    return trace["rows"] == trace["num_steps"]


def table(answers: Sequence[Answer], seconds: float) -> str:
    lines = ["| route | answers | p50 | p95 | longest | errors |", "|---|---:|---:|---:|---:|---:|"]
    for route in _ROUTES:
        of_route = [answer for answer in answers if answer.route == route]
        times = np.array([answer.seconds for answer in of_route])
        errors = sum(answer.status != 200 for answer in of_route)
        middle, high = np.percentile(times, [50, 95])
        lines.append(f"| {route} | {len(times)} | {middle:.3f} s | {high:.3f} s | {times.max():.3f} s | {errors} |")
    return "\n".join([*lines, "", f"{len(answers) / seconds:.0f} answers per second."])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures how quickly TensorBoard answers under load.")
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--long", type=int, default=1_000_000, help="rows of the long run")
    parser.add_argument("--named", type=int, default=30, help="traces that a request names")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), given.runs, given.rows, given.long)
        for num_clients in (given.clients, 1):
            print(f"\n{num_clients} {'clients' if num_clients > 1 else 'client'}, {given.seconds:g} s:\n")
            print(measured(Path(folder), given.runs + 1, given.named, num_clients, given.seconds), flush=True)


if __name__ == "__main__":
    main()
