"""The curves of the benchmark, as range tests and as ordinary scalars."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tb_lrfinder.curves.curve import Curve
from tests.support.tensorboard_server import Server
from tests.support.traces import synthetic_curve, write_scalars, write_trace

TAG = "loss"
# A test ends where the loss diverges; the synthetic explosion goes on to a million.
_HIGHEST = 6.0


def write(log_dir: Path, num_runs: int, num_points: int) -> None:
    """Writes into each run a range test, and its losses once more as scalars."""
    for index in range(num_runs):
        run = log_dir / f"run_{index:03}"
        curve = synthetic_curve(num_points, seed=index, centre=-2.5 - index / num_runs)
        curve = Curve(curve.learning_rates, np.minimum(curve.losses, _HIGHEST))
        write_trace(run, curve)
        write_scalars(run, TAG, curve.losses.tolist())


def wait_until_read(server: Server, num_runs: int, num_points: int) -> None:
    """TensorBoard reads its files in the background, our traces and the scalars alike."""

    def is_read(traces: dict[str, dict[str, Any]]) -> bool:
        ours = len(traces) == num_runs and all(trace["rows"] == num_points for trace in traces.values())
        return ours and all(_last_step(server, run) == num_points - 1 for run in traces)

    server.wait_for(is_read, seconds=300.0)


def _last_step(server: Server, run: str) -> int:
    status, body = server.get("scalar", run=run, tag=TAG)
    return json.loads(body)["steps"][-1] if status == 200 else -1
