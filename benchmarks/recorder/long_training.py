"""Trainings of any length without training: schedules fed straight to the recorder's core."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import TRAINING
from tb_lrfinder.loops.training_trace import TrainingTrace
from tb_lrfinder.storage import schema

Schedule = Callable[[NDArray[np.float64], int], NDArray[np.float64]]

SCHEDULES: dict[str, Schedule] = {
    "constant": lambda step, total: np.full(step.size, 0.01),
    "cosine": lambda step, total: 1e-6 + 0.05 * (1 + np.cos(np.pi * step / total)),
    "drops, 30 of them": lambda step, total: 0.1 * 0.8 ** (step // (total / 30)),
    "triangular, 1,000 cycles": lambda step, total: 1e-3 + 1e-2 * (1 - np.abs(2 * (step / total * 1000 % 1) - 1)),
    "another rate every step": lambda step, total: 0.01 * (1.1 + np.sin(step * step)),
}
# The recorder hands on about as many steps at once.
_BUNCH = 1000


def record(log_dir: Path, name: str, total: int) -> None:
    """Writes a finished training of `total` steps with one of `SCHEDULES`, ten thousand steps to an epoch."""
    trace = TrainingTrace(log_dir, schema.Header(kind=TRAINING, started=time.time()))
    for start in range(0, total, _BUNCH):
        step = np.arange(float(start), min(start + _BUNCH, total))
        rates, now = SCHEDULES[name](step, total), np.full(step.size, time.time())
        trace.append(np.column_stack([step, rates, np.exp(-step / total), step / 1e4, now]))
    trace.close("finished", "The training ended.")
