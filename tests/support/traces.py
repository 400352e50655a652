"""Synthetic range tests: curves whose shape is known, written as the callback writes them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_lrfinder.columns import TRAINING
from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.suggestion import Suggestion
from tb_lrfinder.curves.trials import Trial
from tb_lrfinder.loops.training_trace import TrainingTrace
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.writer import TraceWriter

FACTS: dict[str, Any] = {
    "start_lr": 1e-7, "end_lr": 10.0, "spacing": "log", "optimizer": "Adam", "batch_size": 32
}  # fmt: skip


# Around what the default synthetic curve suggests: the third is the best, the last one diverged.
TRIALS = (
    Trial(1.5e-2, 300, 0.31, True),
    Trial(7.0e-3, 300, 0.42, True),
    Trial(3.2e-2, 300, 0.25, True),
    Trial(3.2e-3, 50, 0.9, False),
    Trial(7.0e-2, 12, math.inf, False),
)


def synthetic_curve(num_steps: int = 300, *, seed: int = 0, noise: float = 0.05, centre: float = -2.5) -> Curve:
    """A plateau, a fall around `10 ** centre`, a valley and an explosion two and a half decades later."""
    rates = np.geomspace(1e-7, 10.0, num_steps)
    position = np.log10(rates)
    fall = 2.0 / (1.0 + np.exp(4.0 * (position - centre)))
    explosion = np.expm1(np.maximum(9.0 * (position - centre - 2.5), 0.0))
    jitter = np.random.default_rng(seed).normal(0.0, noise, num_steps)
    return Curve(rates, 0.3 + fall + explosion + jitter, optimizer=FACTS["optimizer"])


def rows_of(curve: Curve) -> NDArray[np.float64]:
    return np.column_stack([np.arange(float(len(curve))), curve.learning_rates, curve.losses])


def header(num_steps: int | None = None, **changes: object) -> schema.Header:
    fields: dict[str, object] = {"kind": "range_test", "started": time.time(), "num_steps": num_steps, **FACTS}
    return schema.Header(**{**fields, **changes})  # pyright: ignore[reportArgumentType]


def as_recorded(curve: Curve, optimizer: str | None = FACTS["optimizer"]) -> Curve:
    """The curve as it is read from a trace, whose header may name the optimizer."""
    return replace(curve, optimizer=optimizer)


def open_trace(log_dir: Path | str, num_steps: int | None = None) -> TraceWriter:
    return TraceWriter(log_dir, num_steps=num_steps, **FACTS)


def append(writer: TraceWriter, curve: Curve, start: int = 0, end: int | None = None) -> None:
    """Adds the points from `start` to `end` of a curve."""
    for rate, loss in zip(curve.learning_rates.tolist()[start:end], curve.losses.tolist()[start:end], strict=True):
        writer.append(rate, loss)


def write_measured(log_dir: Path, curve: Curve) -> None:
    """Writes a test that also measured an accuracy on validation data, in every fourth step."""
    with open_trace(log_dir, len(curve)) as writer:
        for step, (rate, loss) in enumerate(zip(curve.learning_rates.tolist(), curve.losses.tolist(), strict=True)):
            writer.append(rate, loss, val_accuracy=math.nan if step % 4 else 1.0 / (1.0 + loss))


def served(suggestion: Suggestion) -> dict[str, Any]:
    """A suggestion as routes and command line give it: the labels of the uses stand elsewhere."""
    fields = asdict(suggestion)
    uses = [{name: value for name, value in use.items() if name != "label"} for use in fields["uses"]]
    return {**fields, "edge_ratio": suggestion.edge_ratio, "uses": uses}


def training_steps(rates: NDArray[np.float64], losses: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """The table of a training, ten steps to an epoch and to a second."""
    steps = np.arange(float(len(rates)))
    losses = np.exp(-steps / 50) if losses is None else losses
    return np.column_stack([steps, rates, losses, (steps + 1) / 10, time.time() + steps / 10])


def plateaus() -> NDArray[np.float64]:
    """A rate that falls by ten after five and after ten epochs."""
    return training_steps(np.repeat([0.1, 0.01, 0.001], 50))


def write_training(log_dir: Path, steps: NDArray[np.float64], **facts: Any) -> str:
    """Writes a finished training. Returns its session."""
    trace = TrainingTrace(log_dir, schema.Header(kind=TRAINING, started=time.time(), **facts))
    trace.append(steps)
    trace.close("finished", "The training ended.")
    return trace._writer.session


def write_probe(log_dir: Path, curve: Curve, probe: Probe, **facts: Any) -> str:
    """Writes a finished test in the middle of a training. Returns its session."""
    with TraceWriter(log_dir, num_steps=len(curve), probe=probe, **{**FACTS, **facts}) as writer:
        append(writer, curve)
    return writer.session


def write_probed(log_dir: Path, places: Sequence[int] = (0, 300, 600), **facts: Any) -> str:
    """Writes a training of 900 steps, a hundred to an epoch, and probes at some of them in a run of their own.

    Its rate falls from 0.01 by ten at step 600, its loss rises at step 300. Returns its session.
    """
    steps = np.arange(900.0)
    rates = np.where(steps < 600, 0.01, 0.001)
    losses = np.where(steps < 300, 1.0, 2.0)
    rows = np.column_stack([steps, rates, losses, (steps + 1) / 100, time.time() + steps / 10])
    session = write_training(log_dir, rows, **facts)
    for place in places:
        probe = Probe(
            training=session, step=place, learning_rate=float(rates[place]), epoch=place / 100, seconds=1.5, left_out=1
        )
        write_probe(log_dir / "probes", synthetic_curve(100, seed=place), probe)
    return session


def write_scalars(log_dir: Path, tag: str, values: Sequence[float]) -> None:
    """Writes a scalar as other programs do, one value per step from 0."""
    events = EventFileWriter(str(log_dir))
    for step, value in enumerate(values):
        one = summary_pb2.Summary.Value(tag=tag, simple_value=value)
        events.add_event(event_pb2.Event(step=step, wall_time=1.7e9 + step, summary=summary_pb2.Summary(value=[one])))
    events.close()


def write_trace(log_dir: Path, curve: Curve, *, flush_every: int | None = None, trials: Sequence[Trial] = ()) -> str:
    """Writes a finished test; `flush_every` rows end a segment. Returns its session."""
    writer = open_trace(log_dir, len(curve))
    size = flush_every or max(len(curve), 1)
    for start in range(0, len(curve), size):
        append(writer, curve, start, start + size)
        writer.flush()
    if trials:
        writer.report_trials(trials, "")
    writer.close("Swept to end_lr=10.")
    return writer.session
