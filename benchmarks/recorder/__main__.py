"""What recording a training costs: per batch, beside Keras' own TensorBoard callback, and over ten million steps.

    python -m benchmarks.recorder

The first table fits one model in turn within one run: with no callback, with `LRRecorder`, and with
`keras.callbacks.TensorBoard(update_freq="batch")`. The second feeds schedules straight to the recorder's core and says how
large the file is, how much memory the process gained, and how long it takes until the browser has what it draws. The last
line says how long it takes until Chromium has drawn it.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext

from benchmarks.fitting import seconds_per_batch
from benchmarks.recorder.first_chart import first_chart
from benchmarks.recorder.long_training import SCHEDULES, record
from tb_lrfinder import LRRecorder
from tb_lrfinder.server import wire
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.reader import TraceReader


def per_batch(num_steps: int, rounds: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        ways: dict[str, Callable[[], list[keras.callbacks.Callback]]] = {
            "nothing": lambda: [],
            "LRRecorder": lambda: [LRRecorder(f"{folder}/lr")],
            "TensorBoard": lambda: [keras.callbacks.TensorBoard(f"{folder}/tb", update_freq="batch")],
        }
        measured = seconds_per_batch(ways, num_steps, rounds)
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


def long_training(name: str, total: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        record(Path(folder), name, total)
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
    wire.encode_schedules(traces, reader.ask)
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
    for name in SCHEDULES:
        print(long_training(name, arguments.total), flush=True)
    print(f"\n{first_chart(arguments.total)}")


if __name__ == "__main__":
    main()
