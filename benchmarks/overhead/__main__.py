"""What a range test costs per batch, beside the barest sweep and beside Keras' own TensorBoard callback.

    python -m benchmarks.overhead

One model, four ways to fit it, in turn within one run, so that a slow moment of the machine meets all of them:

- `nothing`: no callback;
- `barest sweep`: sets the learning rate before each batch and keeps `logs["loss"]`, Keras' running mean, in a list;
- `LRFinder`: the loss of the batch, the stop rule, the trace and its scalars on disk, the state taken and put back;
- `TensorBoard`: `keras.callbacks.TensorBoard(update_freq="batch")`.

Prints medians over the rounds as a table in Markdown, and what remains in memory after a short and a long test.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmarks.fitting import BATCH_SIZE, NUM_FEATURES, build_model, seconds_per_batch
from tb_lrfinder import LRFinder


class BarestSweep(keras.callbacks.Callback):
    """The least that a sweep must do."""

    def __init__(self, rates: list[float]) -> None:
        super().__init__()
        self.rates = rates
        self.losses: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = self.rates[batch]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.losses.append(logs["loss"])


def sweep_to(log_dir: str | Path, num_steps: int) -> LRFinder:
    return LRFinder(log_dir, end_lr=1e-3, num_steps=num_steps, divergence_factor=None, verbose=0)


def measure(num_steps: int, rounds: int) -> dict[str, np.ndarray]:
    """Seconds per batch, shape `[rounds]`, of each way to fit."""
    rates = np.geomspace(1e-7, 1e-3, num_steps).tolist()
    with tempfile.TemporaryDirectory() as folder:
        ways: dict[str, Callable[[], list[keras.callbacks.Callback]]] = {
            "nothing": lambda: [],
            "barest sweep": lambda: [BarestSweep(rates)],
            "LRFinder": lambda: [sweep_to(f"{folder}/lr", num_steps)],
            "TensorBoard": lambda: [keras.callbacks.TensorBoard(f"{folder}/tb", update_freq="batch")],
        }
        return seconds_per_batch(ways, num_steps, rounds)


def table(seconds: dict[str, np.ndarray]) -> str:
    lines = [
        "| fit with | per batch | added | beside the barest sweep |",
        "|---|---:|---:|---:|",
    ]
    for name, values in seconds.items():
        added = np.median(values - seconds["nothing"])
        ratio = np.median(values / seconds["barest sweep"])
        lines.append(f"| {name} | {np.median(values) * 1e6:.0f} µs | {added * 1e6:.0f} µs | {ratio:.3f} |")
    finder, tensorboard = (np.median(seconds[name] - seconds["nothing"]) for name in ("LRFinder", "TensorBoard"))
    return "\n".join([*lines, "", f"LRFinder adds {finder / tensorboard:.2f} of what TensorBoard adds."])


def memory_after(num_steps: int) -> float:
    """Peak memory, in MiB, of a process that runs one test."""
    command = [sys.executable, "-m", "benchmarks.overhead", "--memory", str(num_steps)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])


def run_one(num_steps: int) -> None:
    batch = np.ones((BATCH_SIZE, NUM_FEATURES), "float32"), np.ones(BATCH_SIZE, "float32")

    def batches() -> Any:
        while True:
            yield batch

    with tempfile.TemporaryDirectory() as folder:
        finder = sweep_to(folder, num_steps)
        build_model().fit(batches(), steps_per_epoch=num_steps, shuffle=False, verbose=0, callbacks=[finder])
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what a range test costs per batch.")
    parser.add_argument("--num-steps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory:
        run_one(arguments.memory)
        return
    rounds, num_steps = arguments.rounds, arguments.num_steps
    print(f"Back end {keras.backend.backend()}, Keras {keras.__version__}, {rounds} rounds of {num_steps} batches.\n")
    print(table(measure(num_steps, rounds)))
    short, long = memory_after(100), memory_after(10_000)
    print(f"\nPeak memory of a process: {short:.0f} MiB for 100 steps, {long:.0f} MiB for 10,000 ({long / short:.3f}).")


if __name__ == "__main__":
    main()
