"""`Recording`: collects the steps of a running fit for an `LRRecorder` and hands them to the trace in bunches."""

from __future__ import annotations

import contextlib
import functools
import math
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import keras
import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.choices import EndStatus
from tb_lrfinder.columns import TRAINING
from tb_lrfinder.loops.course_run import cause_of
from tb_lrfinder.loops.frameworks.models import facts_of
from tb_lrfinder.loops.pace import Pace
from tb_lrfinder.loops.training_trace import STEP_COLUMNS, TrainingTrace
from tb_lrfinder.loops.watch import interrupts_unwrapped
from tb_lrfinder.rates.batch_losses import BatchLosses
from tb_lrfinder.storage import schema
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.fit_guard import FitGuard
from tb_lrfinder.training.keras_support import TELLS_LAST_BATCH
from tb_lrfinder.training.optimizers import innermost
from tb_lrfinder.training.rates_used import RatesUsed
from tb_lrfinder.training.snapshot import build
from tb_lrfinder.training.swept import swept_by

if TYPE_CHECKING:
    from tb_lrfinder.training.lr_recorder import LRRecorder

_Arguments = ParamSpec("_Arguments")


@dataclass(frozen=True, order=True)
class _Call:
    """One call of the train step: with `steps_per_execution` it trains several batches.

    Attributes:
        batches: Batches of the epoch trained so far.
        mean_loss: Keras' mean of the loss over them.
        time: Wall time.
        rate: The learning rate, unless that is a schedule's.
        count: The optimizer's count of batches, where it must be read; None where it goes up by one.
    """

    batches: int
    mean_loss: float
    time: float
    rate: float
    count: int | None


def _harmless(
    method: Callable[Concatenate[Recording, _Arguments], None],
) -> Callable[Concatenate[Recording, _Arguments], None]:
    """Has whatever goes wrong in a method end the recording, not the training. One thread at a time runs such methods."""

    @functools.wraps(method)
    def harmless(recording: Recording, /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
        with recording._lock:
            if recording._failed:
                return
            try:
                with interrupts_unwrapped():
                    method(recording, *args, **kwargs)
            except Exception as error:
                recording._give_up(error)

    return harmless


class Recording:
    """The part of an `LRRecorder` that exists only while a fit runs.

    Its constructor puts the callback first: it sees the rate before others change it. From then on no error of its own ends
    the training: a warning says that nothing more is recorded.
    """

    def __init__(
        self,
        recorder: LRRecorder,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._model = model = recorder.model
        self._guard = FitGuard(model, on_failure)
        # Only a built `MultiOptimizer` knows which of its parts are used.
        build(model, self._guard.batch_spec)
        swept = swept_by(model, recorder.optimizer)
        (recorded,) = swept.optimizers
        self._title, self._hyperparameters = swept.title, swept.hyperparameters
        self._rates = RatesUsed(recorded, self._guard.put_first(recorder), _steps_as_keras(model))
        # Loss scaling may skip updates; a train step of its own uses its optimizers as it likes.
        self._may_skip = innermost(recorded) is not recorded or not swept.is_models
        if self._rates.every_batch or self._may_skip:
            self._guard.take_batches_in_turn()
        self._count = self._rates.count()
        self._updates = self._rates.updates(self._count)
        self._epochs: int | None = (recorder.params or {}).get("epochs")
        self._has_begun = False
        self._batches_per_call = model.steps_per_execution
        self._losses = BatchLosses()
        self._calls: list[_Call] = []
        self._pace = Pace()
        self._lock = threading.RLock()
        self._failed = False
        with self._guard.starting():
            self._trace = self._open(recorder) if BACKEND.is_first_process() else None
            self._pace.begin(self._hand_on_beside_batches)

    def _open(self, recorder: LRRecorder) -> TrainingTrace:
        self._driver = self._rates.driver
        header = schema.Header(
            kind=TRAINING,
            started=time.time(),
            optimizer=self._title,
            batch_size=self._guard.batch_size,
            driver=self._driver,
            first_step=self._updates,
            hyperparameters=self._hyperparameters,
            range_test=recorder.range_test,
            **vars(facts_of(self._model)),
            **vars(recorder.remarks),
        )
        return TrainingTrace(recorder.log_dir, header, (*STEP_COLUMNS, *self._rates.extras()))

    @property
    def session(self) -> str | None:
        """Id of the trace; None where another process writes it."""
        return None if self._trace is None else self._trace.session

    @_harmless
    def begin_epoch(self, epoch: int, num_batches: int | None) -> None:
        self._epoch, self._num_batches, self._batches, self._rate = epoch, num_batches, 0, math.nan
        self._rates.begin_epoch()
        BACKEND.bring_back(self._model)
        self._count = self._rates.count()
        if not self._has_begun and self._trace is not None:
            left = self._epochs and num_batches and (self._epochs - epoch) * num_batches
            self._rates.warn_if_short(self._count + left if left else None)
        self._has_begun = True

    @_harmless
    def begin_batch(self) -> None:
        if not self._rates.is_schedule and not self._rates.every_batch and math.isnan(self._rate):
            BACKEND.bring_back(self._model)
            self._rate = self._rates.read()
        self._hand_on_if_due()

    @_harmless
    def end_batch(self, batch: int, mean_loss: float) -> None:
        """Takes a call of the train step; `batch` is the index of the last batch it trained, in older Keras of the first."""
        rate, count = self._rate, None
        if self._rates.every_batch or self._may_skip:
            BACKEND.bring_back(self._model)
            rate = self._rates.read() if self._rates.every_batch else rate
            count = self._rates.count() if self._may_skip else None
        self._calls.append(
            _Call(batches=self._trained(batch), mean_loss=mean_loss, time=time.time(), rate=rate, count=count)
        )

    def _trained(self, batch: int) -> int:
        """Batches of the epoch trained so far, by the index that Keras tells at the end of a call."""
        trained = batch + (1 if TELLS_LAST_BATCH else self._batches_per_call)
        return trained if self._num_batches is None else min(trained, self._num_batches)

    @_harmless
    def end_epoch(self) -> None:
        self._hand_on(self._take(sorted(self._calls)))
        self._losses.end_epoch()

    def end(self, status: EndStatus, text: str) -> None:
        self._pace.end()
        with self._guard.ending():
            pass  # Ctrl-C does not wait for the file: a disk may take long.
        self._close(status, text)

    @_harmless
    def _close(self, status: EndStatus, text: str) -> None:
        self._hand_on(self._take(sorted(self._calls)))
        if self._trace is not None:
            self._trace.close(status, text)

    def _hand_on_beside_batches(self) -> None:
        """What a thread does while the hooks are not called."""
        self._hand_on_if_due(patiently=True)

    @_harmless
    def _hand_on_if_due(self, *, patiently: bool = False) -> None:
        if self._pace.is_due(len(self._calls), patiently=patiently):
            self._hand_on(self._take(self._complete_calls()))

    def _give_up(self, error: Exception) -> None:
        self._failed = True
        if self._trace is not None:
            with contextlib.suppress(Exception):
                self._trace.close("interrupted", f"The recording ended, the training went on: {cause_of(error)}.")
        warnings.warn(
            f"The training goes on, but LRRecorder records nothing more of it, for it met an error: {cause_of(error)}.",
            stacklevel=3,
        )

    def _complete_calls(self) -> list[_Call]:
        """The calls reported without a gap, except one that may be the last, smaller one of the epoch."""
        size, calls = self._batches_per_call, sorted(self._calls)
        whole = next((i for i, call in enumerate(calls) if call.batches != self._batches + size * (i + 1)), len(calls))
        may_be_smaller = size > 1 and self._num_batches is None
        return calls[: max(whole - may_be_smaller, 0)]

    def _take(self, calls: list[_Call]) -> list[_Call]:
        taken = set(map(id, calls))
        self._calls = [call for call in self._calls if id(call) not in taken]
        return calls

    def _hand_on(self, calls: Sequence[_Call]) -> None:
        self._pace.note()
        if not calls or self._trace is None:
            return
        weights = np.array([call.batches for call in calls], np.float64)
        if calls[-1].batches == self._num_batches:
            weights[-1] -= 1.0 - self._guard.last_batch_share
        losses = self._losses.add(np.array([call.mean_loss for call in calls]), weights)
        self._trace.append(self._steps(calls, losses))
        self._tell_driver(calls, self._trace)

    def _tell_driver(self, calls: Sequence[_Call], trace: TrainingTrace) -> None:
        """Writes who sets the rate where these calls have shown it."""
        self._rates.see(self._epoch, [call.rate for call in calls])
        if self._rates.driver != self._driver:
            self._driver = self._rates.driver
            trace.change_header(driver=self._driver)

    def _steps(self, calls: Sequence[_Call], losses: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rows of the steps, one for each update; the updates of one call share its loss."""
        made = np.array([self._updates_of(call) for call in calls])
        total = int(made.sum())
        steps = self._updates - total + np.arange(total, dtype=np.int64)
        rates = self._rates.at(steps) if self._rates.is_schedule else np.repeat([call.rate for call in calls], made)
        share = 1.0 / self._num_batches if self._num_batches else 0.0
        epochs = [self._epoch + share * call.batches for call in calls]
        times = [call.time for call in calls]
        extras = [np.full(total, value) for value in self._rates.extras().values()]
        spread = [np.repeat(values, made) for values in (losses, epochs, times)]
        return np.column_stack([steps.astype(np.float64), rates, *spread, *extras])

    def _updates_of(self, call: _Call) -> int:
        """The updates made in a call: none while gradients accumulate, or where loss scaling skipped it."""
        self._count = self._count + call.batches - self._batches if call.count is None else call.count
        self._batches = call.batches
        before, self._updates = self._updates, self._rates.updates(self._count)
        return self._updates - before


def _steps_as_keras(model: keras.Model) -> bool:
    """Whether a model trains with the step that Keras has made, in which nobody sets a rate."""
    return type(model).train_step is keras.Model.train_step
