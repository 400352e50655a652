"""`LoopProbe`: a range test in the middle of a loop whose training a `ScheduleWriter` records."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Any

from tb_lrfinder.loops.frameworks import RateHolder
from tb_lrfinder.loops.schedule_writer import ScheduleWriter
from tb_lrfinder.loops.sweep_settings import SweepFacts
from tb_lrfinder.storage.probe import Probe
from tb_lrfinder.storage.remarks import Remarks

# The rates of a range test that is told none; around a rate in use, it goes so many times below and above that.
_START_LR, _END_LR = 1e-7, 10.0
_AROUND = 1e3


def range_around(rate: float | None) -> tuple[float, float]:
    """The first and last rate of a sweep around a rate in use; of 0, or none, the usual ones."""
    return (rate / _AROUND, rate * _AROUND) if rate else (_START_LR, _END_LR)


class LoopProbe:
    """Says where in its training a range test is made, and keeps its steps out of what is recorded of that training.

    Args:
        training: What records the training.
        log_dir: Directory of the test, or None.
        holder: What reads the rate of the optimizer that is swept; None where the test has none.

    Raises:
        ValueError: If the training is none, records into the same directory, or does not know the rate in use.
    """

    def __init__(self, training: Any, log_dir: str | None, holder: RateHolder | None) -> None:
        if not isinstance(training, ScheduleWriter):
            raise ValueError(
                "`training` must be the ScheduleWriter that records the training. "
                f"Received: training of type {type(training).__name__}."
            )
        if log_dir is not None and _same(log_dir, training.log_dir):
            raise ValueError(
                "`log_dir` must be a directory of its own, as TensorBoard reads the files of one directory one after the "
                f"other: take {os.path.join(log_dir, 'probes')!r}. Received: log_dir={log_dir!r}, which the ScheduleWriter "
                "writes to."
            )
        self._training, self._holder = training, holder
        self._began = 0.0

    def begin(self) -> Probe:
        """Begins the probe, with where the training stands now; nothing of it is recorded until `end`."""
        self._began = time.perf_counter()
        training = self._training
        probe = Probe(
            training=training.session,
            step=training.next_step,
            learning_rate=self.learning_rate(),
            epoch=training.epochs_done,
        )
        training.pause()
        return probe

    def learning_rate(self) -> float:
        """The rate of the next update."""
        rate = self._training.next_rate if self._holder is None else self._holder.coming()
        if rate is None:
            raise ValueError(
                "A range test in the middle of a training needs the rate in use: name its `optimizer`, or record a step "
                "before. Received: a ScheduleWriter that was given neither an optimizer nor a step."
            )
        return rate

    def with_facts(self, tested: SweepFacts) -> SweepFacts:
        """What is tested, with what the training knows of it besides."""
        known = self._training.header
        names = ("optimizer", "batch_size", "model", "parameters", "framework", "precision", "hyperparameters")
        missing = {name: getattr(known, name) for name in names if not getattr(tested, name)}
        return replace(tested, **missing)

    @property
    def remarks(self) -> Remarks:
        """What is said of the training."""
        known = self._training.header
        return Remarks(hparams=known.hparams, note=known.note, tags=known.tags)

    def end(self) -> None:
        """Ends the probe: further steps of the training are recorded. Can be called again."""
        self._training.go_on()

    @property
    def seconds(self) -> float:
        """Time since `begin`."""
        return time.perf_counter() - self._began


def _same(log_dir: str, other: str) -> bool:
    if "://" in log_dir or "://" in other:
        return log_dir.rstrip("/") == other.rstrip("/")
    return os.path.realpath(os.path.expanduser(log_dir)) == os.path.realpath(os.path.expanduser(other))
