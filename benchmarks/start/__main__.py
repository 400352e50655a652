"""How long people wait before anything happens: until a first trace is written, and for the command line's answer.

    python -m benchmarks.start

Each time is that of a whole process, from its start to its end, in turn with one that does the same through TensorBoard's
own writer and loader. Those load TensorFlow, which must be installed for the comparison. The command line reads two
directories: three range tests, and the same beside what another program logged.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2

from tb_lrfinder import write_curve
from tb_lrfinder.storage.records import framed

_OTHERS = 50_000
_OURS, _THEIRS = "tb_lrfinder", "through TensorFlow's files"


def seconds(program: Sequence[str]) -> float:
    """Wall time of a process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *program], check=True, capture_output=True)
    return time.perf_counter() - began


def write_logs(log_dir: Path, num_others: int) -> None:
    """Three range tests, and beside them so many scalars of another program."""
    rates = np.geomspace(1e-7, 10.0, 300)
    for name in ("adam", "momentum", "sgd"):
        write_curve(log_dir / name, rates, 0.3 + (np.log10(rates) + 2.5) ** 2)
    if num_others:
        events = (
            event_pb2.Event(
                wall_time=float(step),
                step=step,
                summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag="loss", simple_value=1.0)]),
            )
            for step in range(num_others)
        )
        (log_dir / "train").mkdir()
        content = b"".join(framed(event.SerializeToString()) for event in events)
        (log_dir / "train" / "events.out.tfevents.1").write_bytes(content)


def measure(folder: Path, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds of each way to do each thing, in turn."""
    plain, busy = folder / "plain", folder / "busy"
    write_logs(plain, 0)
    write_logs(busy, _OTHERS)
    theirs = ["-m", "benchmarks.start.with_tensorflow"]
    things = {
        "import, first trace written": (["-m", "benchmarks.start.first_trace"], [*theirs, "write"], folder / "new"),
        "`tb_lrfinder suggest`": (["-m", "tb_lrfinder", "suggest"], [*theirs, "suggest"], plain),
        f"`tb_lrfinder suggest`, {_OTHERS:,} scalars beside": (
            ["-m", "tb_lrfinder", "suggest"], [*theirs, "suggest"], busy
        ),
    }  # fmt: skip
    found: dict[str, dict[str, list[float]]] = {name: {_OURS: [], _THEIRS: []} for name in things}
    for _ in range(rounds):
        for name, (ours, others, log_dir) in things.items():
            found[name][_OURS].append(seconds([*ours, str(log_dir)]))
            found[name][_THEIRS].append(seconds([*others, str(log_dir)]))
    return found


def table(found: dict[str, dict[str, list[float]]]) -> str:
    """Medians, and the median of the ratios within each round, with their range."""
    lines = [f"| | {_OURS} | {_THEIRS} | ratio |", "|---|---:|---:|---:|"]
    for name, times in found.items():
        ours, theirs = np.array(times[_OURS]), np.array(times[_THEIRS])
        ratios = ours / theirs
        lines.append(
            f"| {name} | {np.median(ours):.2f} s | {np.median(theirs):.2f} s "
            f"| {np.median(ratios):.2f} ({ratios.min():.2f}–{ratios.max():.2f}) |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures how long people wait for a start.")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    if importlib.util.find_spec("tensorflow") is None:
        parser.error("TensorFlow must be installed: it is what the start is compared with.")
    with tempfile.TemporaryDirectory() as folder:
        print(table(measure(Path(folder), arguments.rounds)))


if __name__ == "__main__":
    main()
