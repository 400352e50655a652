"""`RevertedFit`: the callback that trains at given learning rates inside a `fit` and undoes the training at its end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.curves.curve import Curve
from tb_lrfinder.curves.stop_rules import DivergenceRule, Stop
from tb_lrfinder.loops.course_run import CourseRun, RateCourse
from tb_lrfinder.loops.frameworks.models import facts_of
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.loops.sweep_settings import SweepFacts
from tb_lrfinder.storage.writer import TraceWriter
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.fit_guard import FitGuard
from tb_lrfinder.training.keras_support import Keras3Callback
from tb_lrfinder.training.other_callbacks import batch_begin_hooks, check_others
from tb_lrfinder.training.reverted_run import RevertedRun
from tb_lrfinder.training.snapshot import ModelState, build
from tb_lrfinder.training.step import StepClock
from tb_lrfinder.training.swept import OptimizerChoice, check_choice, check_rates_can_be_set, swept_by
from tb_lrfinder.training.velocities import Velocities

# The course before the first training.
_NO_COURSE = RateCourse(np.empty(0), DivergenceRule(None, 0), Stop("", ""))


class RevertedFit(Keras3Callback):
    """Trains at the rates of a course and records each step; then the model, its optimizer and its rate are as they were.

    Subclasses give the learning rates (`_course`) and may open a file for the steps (`_open_writer`).

    Args:
        num_steps: Steps to train; None takes the length of the fit.
        measuring: What is measured.
        optimizer: Which optimizers of the model get the rates; None takes `model.optimizer`.
        leave_open: Whether the trace stays open after a good end, for whoever writes on.

    Attributes:
        num_steps: As given.
        measuring: As given.
        optimizer: As given.
        run: The steps of the last training; none before the first one.
    """

    def __init__(
        self,
        num_steps: int | None,
        measuring: Measuring,
        *,
        optimizer: OptimizerChoice = None,
        leave_open: bool = False,
    ) -> None:
        super().__init__()
        check_choice(optimizer)
        self.optimizer = optimizer
        self.num_steps = num_steps
        self.measuring = measuring
        self.run = CourseRun(_NO_COURSE)
        self._leave_open = leave_open
        self._tested = SweepFacts()
        self._reverted: RevertedRun | None = None

    @property
    def history(self) -> dict[str, NDArray[np.float64]]:
        return self.run.history

    @property
    def curve(self) -> Curve:
        return self.run.curve

    @property
    def stop_text(self) -> str:
        return "" if self.run.ending is None else self.run.ending.text

    def _course(self, num_steps: int) -> RateCourse:
        raise NotImplementedError

    def _open_writer(self, num_steps: int) -> TraceWriter | None:
        """The writer of the rows, or None; called before the first batch, in the first process only."""
        del num_steps
        return None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._reverted is not None:
            # A Ctrl-C came while the last training was being undone.
            self._fail(KeyboardInterrupt())

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # Not in `on_train_begin`: the number of the first epoch is needed to say how long the fit is.
        if self._reverted is None:
            self._begin(epoch)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._running().begin_batch()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._running().end_batch({} if logs is None else logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.measuring.updates_per_lr == "epoch":
            self._running().end_step()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._reverted is None and self.params:
            raise ValueError(
                "The fit has no epoch to run the range test in: pass `epochs` above `initial_epoch` to fit. "
                f"Received: epochs={self.params.get('epochs')}."
            )
        refusal = self._running().refusal()
        run = self._undo(failing=False)
        if refusal is not None:
            run.interrupt(refusal)
            raise refusal
        run.finish(self._early_end(run))

    def _begin(self, first_epoch: int) -> None:
        model = self.model
        guard = FitGuard(model, self._fail)
        others = [callback for callback in guard.callbacks if callback is not self]
        check_others(self, others)
        swept = swept_by(model, self.optimizer)
        check_rates_can_be_set(model, swept)
        # Slots of the optimizer, too, must exist to be restored: the next fit would start from those of the test.
        build(model, guard.batch_spec)
        state = ModelState(model, swept.optimizers)
        velocities = Velocities(swept.rate_holders)
        clock = StepClock(model, swept, self.measuring.updates_per_lr)
        num_steps = clock.num_steps(self.num_steps, self.params or {}, first_epoch)
        course = self._course(num_steps)
        self._tested = SweepFacts(
            optimizer=swept.title,
            batch_size=guard.batch_size,
            first_step=swept.num_updates,
            hyperparameters=swept.hyperparameters,
            **vars(facts_of(model)),
        )
        # Nothing so far has changed the model. From here on `_undo` undoes it.
        with guard.starting():
            writer = self._open_writer(num_steps) if BACKEND.is_first_process() else None
            self._reverted = RevertedRun(
                model,
                swept=swept,
                state=state,
                guard=guard,
                clock=clock,
                course=course,
                measuring=self.measuring,
                writer=writer,
                leave_open=self._leave_open,
                suspects=batch_begin_hooks(others),
                velocities=velocities,
            )
            self.run = self._reverted.run

    def _early_end(self, run: CourseRun) -> Stop:
        """Why a fit without an error ended before the course did."""
        so_far = f"at step {len(run)} of {len(run.course.rates)}"
        if self.model.stop_training:
            return Stop("stopped", f"Stopped {so_far}: another callback ended the fit.")
        return Stop("data_ran_out", f"The data ran out {so_far}.")

    def _fail(self, error: BaseException) -> None:
        if self._reverted is not None:
            self._undo(failing=True).interrupt(error)

    def _undo(self, *, failing: bool) -> CourseRun:
        reverted = self._running()
        reverted.undo(failing=failing)
        self._reverted = None
        return reverted.run

    def _running(self) -> RevertedRun:
        if self._reverted is None:
            raise RuntimeError(f"{type(self).__name__} runs inside `model.fit(..., callbacks=[...])` only.")
        return self._reverted
