"""A training that is undone: with learning rates of its own, inside a `fit`, everything put back at its end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.choices import EndStatus, Mode, MonitorMode, UpdatesPerLR
from tb_lrfinder.columns import LEARNING_RATE, LOSS, STEP
from tb_lrfinder.curves.curve import Curve, monitored_curve
from tb_lrfinder.curves.stop_rules import Stop
from tb_lrfinder.curves.wording import resolve_mode
from tb_lrfinder.storage.writer import TraceWriter
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.fit_guard import FitGuard
from tb_lrfinder.training.keras_support import Keras3Callback
from tb_lrfinder.training.other_callbacks import batch_begin_hooks, check_company
from tb_lrfinder.training.reverted_run import Plan, RunningTest
from tb_lrfinder.training.snapshot import ModelState, build
from tb_lrfinder.training.step import StepClock, check_updates_per_lr


class TemporaryTraining(Keras3Callback):
    """Trains with the rates of a plan and records each step; then the model, its optimizer and its rate are as they were.

    Subclasses say what to train with (`_plan`), and may write it down (`_open_writer`).

    Args:
        num_steps: Steps to train; None takes the length of the fit.
        updates_per_lr: As in `LRFinder`, like `monitor`, `mode`, `validation_data` and `validation_freq`.
        monitor: See `updates_per_lr`.
        mode: See `updates_per_lr`.
        validation_data: See `updates_per_lr`.
        validation_freq: See `updates_per_lr`.
    """

    def __init__(
        self,
        num_steps: int | None,
        *,
        updates_per_lr: UpdatesPerLR,
        monitor: str,
        mode: MonitorMode,
        validation_data: Any,
        validation_freq: int,
    ) -> None:
        super().__init__()
        check_updates_per_lr(updates_per_lr)
        arguments.whole(1, validation_freq=validation_freq)
        self.num_steps = num_steps
        self.updates_per_lr: UpdatesPerLR = updates_per_lr
        self.monitor = monitor
        self.mode: Mode = resolve_mode(monitor, mode)
        self.validation_data = validation_data
        self.validation_freq = validation_freq
        self.stop_reason = ""
        self._rows: list[dict[str, float]] = []
        self._num_steps = 0
        self._test: RunningTest | None = None

    @property
    def history(self) -> dict[str, NDArray[np.float64]]:
        names = self._rows[0] if self._rows else (STEP, LEARNING_RATE, LOSS)
        return {name: np.array([row.get(name, math.nan) for row in self._rows], np.float64) for name in names}

    @property
    def curve(self) -> Curve:
        return monitored_curve(self.history, self.monitor, self.mode) if self._rows else Curve([], [])

    @property
    def steps_done(self) -> int:
        """Number of steps recorded so far."""
        return len(self._rows)

    def _plan(self, num_steps: int) -> Plan:
        raise NotImplementedError

    def _open_writer(self, num_steps: int, batch_size: int | None) -> TraceWriter | None:
        """Where the rows go; called before the first batch."""
        del num_steps, batch_size
        return None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._test is not None:
            # A Ctrl-C came while the last test was being undone.
            self._fail(KeyboardInterrupt())

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # Not in `on_train_begin`: the number of the first epoch is needed to say how long the fit is.
        if self._test is None:
            self._begin(epoch)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._running().begin_batch()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._running().end_batch({} if logs is None else logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.updates_per_lr == "epoch":
            self._running().end_step()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._end("finished", self._running().stop or self._early_end())

    def _begin(self, first_epoch: int) -> None:
        model = self.model
        guard = FitGuard(model, self._fail)
        others = [callback for callback in guard.callbacks if callback is not self]
        check_company(self, others)
        # Slots of the optimizer, too, must exist to be restored: the next fit would start from those of the test.
        build(model, guard.batch_spec)
        state = ModelState(model)
        clock = StepClock(model, self.updates_per_lr)
        num_steps = clock.num_steps(self.num_steps, self.params or {}, first_epoch)
        plan = self._plan(num_steps)
        writer = self._open_writer(num_steps, guard.batch_size) if BACKEND.is_first_process() else None
        # Nothing so far has trained the model. From here on `_end` undoes it.
        self._test = RunningTest(
            model,
            state=state,
            guard=guard,
            clock=clock,
            writer=writer,
            plan=plan,
            monitor=self.monitor,
            validation_data=self.validation_data,
            validation_freq=self.validation_freq,
            suspects=batch_begin_hooks(others),
        )
        self._rows = self._test.rows
        self._num_steps = num_steps
        self.stop_reason = ""
        guard.watch()

    def _early_end(self) -> Stop:
        """The fit ended well, but before the sweep did."""
        so_far = f"at step {len(self._rows)} of {self._num_steps}"
        if self.model.stop_training:
            return Stop("stopped", f"Stopped {so_far}: another callback ended the fit.")
        return Stop("data_ran_out", f"The data ran out {so_far}: pass more data, or more epochs to fit.")

    def _fail(self, error: BaseException) -> None:
        if self._test is None:
            return
        cause = "Ctrl-C" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
        self._end("interrupted", Stop(reason, f"Interrupted after step {len(self._rows)}: {cause}."))

    def _end(self, status: EndStatus, stop: Stop) -> None:
        test = self._running()
        test.undo(failing=status != "finished")
        self._test = None
        self.stop_reason = stop.text
        if test.writer is not None:
            self._close_writer(test.writer, status, stop)

    def _close_writer(self, writer: TraceWriter, status: EndStatus, stop: Stop) -> None:
        writer.close(stop.text, stop_reason=stop.reason, status=status)

    def _running(self) -> RunningTest:
        if self._test is None:
            raise RuntimeError(f"{type(self).__name__} runs inside `model.fit(..., callbacks=[...])` only.")
        return self._test
