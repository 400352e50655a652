"""`LRProbe`: the Keras callback that runs short range tests in the middle of a training."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, get_args

import keras
import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.choices import Interval
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, MethodName
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.training.keras_support import Keras3Callback
from tb_lrfinder.training.probe_data import ProbeData
from tb_lrfinder.training.probe_settings import MadeProbe, ProbeSettings
from tb_lrfinder.training.probe_times import ProbeBudget, ProbeTimes
from tb_lrfinder.training.probing import Probing
from tb_lrfinder.training.swept import check_choice

# The probes of a run lie in this directory below it: TensorBoard reads the files of one directory one after another, and the
# training's own is written all the time.
_FOLDER = "probes"


class LRProbe(Keras3Callback):
    """Asks in the middle of a training which learning rates would work now, for the Schedules view of the tab.

    Every few epochs or steps it runs a short range test on the model as it is then, and undoes it: the training goes on as
    if there had been none, to the last bit. Each probe says which rate would be suggested, which band is usable and where
    the training would blow up, beside the rate that the schedule uses. With `LRRecorder` in the same fit, the tab draws them
    behind the schedule. Every probe is a range test of its own, with a curve in the tab.

    A sweep covers the rates from a thousandth of the lower of rate and suggestion to ten times the highest rate that the
    probe before it reached, at most 10 or ten times the rate; the first one, the rates of `range_test`.

    Args:
        log_dir: Directory for TensorBoard: that of `LRRecorder`. The probes become the run `probes` below it. None writes
            nothing.
        x: The data to probe on, as in `range_test`; None takes those of the fit, unless they are a generator.
        y: Targets, where `x` does not hold them.
        every: Epochs (steps) from one probe to the next, counted from 0, so that the first one comes before the training; or
            a list of those before which to probe.
        interval: What `every` counts: `"epoch"`, or `"step"`, which is an update of the weights.
        num_steps: Steps of a sweep, at least 2; it ends before where the loss diverges.
        start_lr: First rate of every sweep, positive; None chooses it anew for each, as said above.
        end_lr: Last rate of every sweep, above `start_lr`; None chooses it, too.
        divergence_factor: As in `LRFinder`.
        method: As in `LRFinder`.
        max_share: The share of the time that probes may take, above 0 and at most 1. One that would exceed it is left out,
            and the next one that is due is tried: so the distance grows where probes are dear. The first one is always made.
            Where several processes train together, every probe is made.
        batch_size: Samples per batch, where `x` is arrays; None takes that of the fit.
        sample_weight: Weights of the samples of `x`.
        optimizer: As in `LRRecorder`.
        verbose: 1 tells what each probe found, and at the end what all have cost; 0 tells nothing.

    Attributes:
        history: What the probes found, by name, each an array of shape `[probes]`: `step`, `epoch`, `learning_rate` (of the
            training), `suggestion`, `lower`, `upper`, `edge`, `num_steps`, `seconds`; NaN where a probe gives none.
        results: The `RangeTestResult` of each probe.

    Raises:
        ValueError: At construction for an argument outside its range; by `fit`, before the first batch, where it draws
            from a generator and there are no data to probe on, or where an `LRFinder` is in the same fit.

    Example:
        >>> callbacks = [LRRecorder("logs/run"), LRProbe("logs/run", every=5)]      # doctest: +SKIP
        >>> model.fit(x, y, epochs=30, callbacks=callbacks)                         # doctest: +SKIP
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None,
        x: Any = None,
        y: Any = None,
        *,
        every: int | Sequence[int] = 5,
        interval: Interval = "epoch",
        num_steps: int = 100,
        start_lr: float | None = None,
        end_lr: float | None = None,
        divergence_factor: float | None = 4.0,
        method: MethodName = DEFAULT_METHOD,
        max_share: float = 0.1,
        batch_size: int | None = None,
        sample_weight: Any = None,
        optimizer: str | keras.Optimizer | None = None,
        verbose: int = 1,
    ) -> None:
        super().__init__()
        arguments.one_of(get_args(Interval), interval=interval)
        check_choice(optimizer, several=False)
        ProbeBudget(max_share)
        self.log_dir = None if log_dir is None else check_log_dir(log_dir)
        self.every, self.interval, self.max_share = every, interval, max_share
        self.optimizer, self.verbose = optimizer, verbose
        self.settings = ProbeSettings(
            log_dir=None if self.log_dir is None else f"{self.log_dir.rstrip('/')}/{_FOLDER}",
            data=_given(x, y, batch_size=batch_size, sample_weight=sample_weight),
            num_steps=num_steps,
            start_lr=start_lr,
            end_lr=end_lr,
            divergence_factor=divergence_factor,
            method=method,
        )
        self._times = ProbeTimes(every)
        self._probing: Probing | None = None

    @property
    def results(self) -> list[RangeTestResult]:
        return [] if self._probing is None else [one.result for one in self._probing.made]

    @property
    def history(self) -> dict[str, NDArray[np.float64]]:
        rows = [] if self._probing is None else [one.row for one in self._probing.made]
        return {name: np.array([row[name] for row in rows], np.float64) for name in MadeProbe.COLUMNS}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._probing = Probing(self, self.settings, self._times, ProbeBudget(self.max_share), self.optimizer)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._running().begin_epoch(epoch, (self.params or {}).get("steps"))
        if self.interval == "epoch":
            self._running().look(epoch)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.interval == "step":
            self._running().begin_batch()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._running().end()

    def _running(self) -> Probing:
        if self._probing is None:
            raise RuntimeError("LRProbe runs inside `model.fit(..., callbacks=[...])` only.")
        return self._probing


def _given(x: Any, y: Any, **options: Any) -> ProbeData | None:
    """The data given for probes, or None where there are none."""
    told = {name: value for name, value in options.items() if value is not None}
    if x is not None:
        return ProbeData(x, y, told)
    if y is not None or told:
        raise ValueError(
            "`y`, `batch_size` and `sample_weight` describe `x`, without which the data of the fit are taken as they are: "
            "pass `x`, too. Received: x=None."
        )
    return None
