"""`LRRecorder`: the Keras callback that records the learning rate of a real training."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from tb_lrfinder.choices import EndStatus
from tb_lrfinder.columns import LOSS
from tb_lrfinder.loops.course_run import cause_of
from tb_lrfinder.loops.named_test import session_of
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.storage.remarks import remarks
from tb_lrfinder.training.fit_guard import FitGuard
from tb_lrfinder.training.keras_support import Keras3Callback
from tb_lrfinder.training.recording import Recording
from tb_lrfinder.training.reverted_fit import RevertedFit
from tb_lrfinder.training.swept import check_choice


class LRRecorder(Keras3Callback):
    """Records the learning rate that each step of a training really used, whoever set it, for the Schedules view of the tab.

    That may be a `LearningRateSchedule` in the optimizer, `LearningRateScheduler`, `ReduceLROnPlateau` or a callback of
    your own, per batch or per epoch. With the rate go the loss, the epoch and the time, and where the optimizer has them
    momentum (or `beta_1`) and weight decay. Long trainings are thinned: every corner of the schedule stays exact, memory and
    file stay bounded. Beside it, `learning_rate` and `loss` go out as scalars for TensorBoard's own tabs.

    A step is an update of the optimizer, counted by the optimizer itself: a training that goes on in a new process, from a
    saved model and into the same directory, is one schedule. Batches whose update loss scaling skips are no steps. Of a
    `MultiOptimizer`, the first part that has variables is recorded.

    Args:
        log_dir: Directory for TensorBoard; it becomes a run. Keras' own callback may log into the same directory: it writes
            into `train` and `validation` below it. May be remote, as in `LRFinder`.
        optimizer: Whose rate to record, where a train step of your own uses others than `model.optimizer`: the name of an
            attribute of the model, or the optimizer. None records `model.optimizer`.
        range_test: The range test that the training belongs to: its `RangeTestResult`, or the `session` of that. None takes
            the latest one before it with the same model, number of parameters, optimizer and batch size; the tab shows both
            together.
        hparams: As in `LRFinder`, like `note` and `tags`.
        note: See `hparams`.
        tags: See `hparams`.

    Raises:
        ValueError: At construction if `log_dir` is no path, or its file system is not installed, or `range_test` is none
            that was written for TensorBoard; by `fit`, before the first
            batch, if an `LRFinder` is in the same fit, or the model has no such optimizer.

    Example:
        >>> recorder = LRRecorder("logs/run")                               # doctest: +SKIP
        >>> model.fit(x, y, epochs=30, callbacks=[recorder])                # doctest: +SKIP
    """

    # Keras may call `on_train_batch_end` in another thread while it trains on, and out of order: it costs the training
    # nothing. Where batches must be taken in turn, the recording says so.
    async_safe = True

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        optimizer: str | keras.Optimizer | None = None,
        range_test: RangeTestResult | str | None = None,
        hparams: Mapping[Any, Any] | None = None,
        note: str | None = None,
        tags: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.remarks = remarks(hparams=hparams, note=note, tags=tags)
        check_choice(optimizer, several=False)
        self.range_test = session_of(range_test)
        self.optimizer = optimizer
        self.log_dir = check_log_dir(log_dir)
        self._recording: Recording | None = None

    @property
    def session(self) -> str | None:
        """Id of the trace of the running fit; None before its first epoch, and where another process writes it."""
        return None if self._recording is None else self._recording.session

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        # Not later: a range test begins with its first epoch, and would have to be undone.
        _check_no_range_test(FitGuard(self.model, self._fail).callbacks)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._recording is None:
            self._recording = Recording(self, self._fail)
        self._recording.begin_epoch(epoch, (self.params or {}).get("steps"))

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._recording is not None:
            self._recording.begin_batch()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._recording is not None:
            self._recording.end_batch(batch, (logs or {}).get(LOSS, math.nan))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._recording is not None:
            self._recording.end_epoch()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._end("finished", "The training ended.")

    def _fail(self, error: BaseException) -> None:
        self._end("interrupted", f"Interrupted: {cause_of(error)}.")

    def _end(self, status: EndStatus, text: str) -> None:
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.end(status, text)


def _check_no_range_test(callbacks: Sequence[keras.callbacks.Callback]) -> None:
    if any(isinstance(one, RevertedFit) for one in callbacks):
        raise ValueError(
            "LRRecorder must not be in the fit of a range test, which is undone and records itself. Received: both in the "
            "same fit. Take LRRecorder out of it."
        )
