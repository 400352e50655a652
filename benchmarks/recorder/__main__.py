"""What recording a training costs: per batch, beside Keras' own TensorBoard callback, and over ten million steps.

    python -m benchmarks.recorder

The first table fits one model in turn within one run: with no callback, with `LRRecorder`, and with
`keras.callbacks.TensorBoard(update_freq="batch")`. The second feeds schedules straight to the recorder's core and says how
large the file is, how much memory the process gained, and how long it takes until the browser has what it draws.
"""

from __future__ import annotations

import argparse
import gc
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext

from benchmarks.overhead.__main__ import NUM_FEATURES, build_model
from tb_lrfinder import LRRecorder, payload, schema
from tb_lrfinder.reader import TraceReader
from tb_lrfinder.training_trace import TrainingTrace

Schedule = Callable[[NDArray[np.float64], int], NDArray[np.float64]]

SCHEDULES: dict[str, Schedule] = {
    "constant": lambda step, total: np.full(step.size, 0.01),
    "cosine": lambda step, total: 1e-6 + 0.05 * (1 + np.cos(np.pi * step / total)),
    "drops, 30 of them": lambda step, total: 0.1 * 0.8 ** (step // (total / 30)),
    "triangular, 1,000 cycles": lambda step, total: 1e-3 + 1e-2 * (1 - np.abs(2 * (step / total * 1000 % 1) - 1)),
    "another rate every step": lambda step, total: 0.01 * (1.1 + np.sin(step * step)),
}


def per_batch(num_steps: int, rounds: int) -> str:
    x = np.random.default_rng(0).normal(size=(num_steps * 32, NUM_FEATURES)).astype("float32")
    y = x.sum(axis=1)
    with tempfile.TemporaryDirectory() as folder:
        ways: dict[str, Callable[[], list[keras.callbacks.Callback]]] = {
            "nothing": lambda: [],
            "LRRecorder": lambda: [LRRecorder(f"{folder}/lr")],
            "TensorBoard": lambda: [keras.callbacks.TensorBoard(f"{folder}/tb", update_freq="batch")],
        }
        models = {name: build_model() for name in ways}
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for round_ in range(rounds + 1):
            for name, callbacks in ways.items():
                gc.collect()
                began = time.perf_counter()
                models[name].fit(x, y, batch_size=32, shuffle=False, verbose=0, callbacks=callbacks())
                if round_:  # the first round compiles
                    seconds[name].append((time.perf_counter() - began) / num_steps)
    measured = {name: np.array(values) for name, values in seconds.items()}
    added = {name: float(np.median(values - measured["nothing"])) for name, values in measured.items()}
    rows = [
        f"| {name} | {np.median(values) * 1e6:.0f} µs | {added[name] * 1e6:.0f} µs |"
        for name, values in measured.items()
    ]
    ratio = added["LRRecorder"] / added["TensorBoard"]
    return "\n".join(
        [
            "| fit with | per batch | added |",
            "|---|---:|---:|",
            *rows,
            "",
            f"LRRecorder adds {ratio:.3f} of TensorBoard's.",
        ]
    )


def long_training(name: str, schedule: Schedule, total: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        trace = TrainingTrace(folder, schema.Header(schema.TRAINING, time.time()))
        bunch = 1000
        for start in range(0, total, bunch):
            step = np.arange(float(start), start + bunch)
            rates = schedule(step, total)
            trace.append(np.column_stack([step, rates, np.exp(-step / total), step / 1e4, np.full(bunch, time.time())]))
        trace.close("finished", "The training ended.")
        recording = time.perf_counter() - began
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        gained = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        rows, serving = _serve(folder)
    return (
        f"| {name} | {rows:,} | {size / 1e6:.1f} MB | {gained / 1024:.0f} MiB | {recording / total * 1e6:.2f} µs "
        f"| {serving * 1e3:.0f} ms |"
    )


def _serve(folder: str) -> tuple[int, float]:
    """Rows kept, and seconds from what TensorBoard has read to what the browser receives."""
    multiplexer = EventMultiplexer(tensor_size_guidance={schema.PLUGIN_NAME: 0})
    multiplexer.AddRunsFromDirectory(folder)
    multiplexer.Reload()
    began = time.perf_counter()
    reader = TraceReader(MultiplexerDataProvider(multiplexer, folder), RequestContext(), experiment_id="")
    traces = reader.traces()
    payload.encode_schedules(traces, reader.rows(traces))
    return traces[0].num_rows, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what recording a training costs.")
    parser.add_argument("--num-steps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--total", type=int, default=10_000_000)
    arguments = parser.parse_args()
    print(f"Back end {keras.backend.backend()}, Keras {keras.__version__}.\n")
    print(per_batch(arguments.num_steps, arguments.rounds))
    print(f"\n{arguments.total:,} steps:\n")
    print("| schedule | rows | file | memory gained | per step | served in |\n|---|---:|---:|---:|---:|---:|")
    for name, schedule in SCHEDULES.items():
        print(long_training(name, schedule, arguments.total), flush=True)


if __name__ == "__main__":
    main()
