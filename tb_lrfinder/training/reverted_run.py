"""`RevertedRun`: sets the rates of a running training, reports its batches, and undoes it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import keras

from tb_lrfinder import numerals
from tb_lrfinder.columns import LEARNING_RATE
from tb_lrfinder.loops.course_run import CourseRun, RateCourse
from tb_lrfinder.loops.measuring import Measuring
from tb_lrfinder.loops.step_batches import scalars_of
from tb_lrfinder.storage.writer import TraceWriter
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.fit_guard import FitGuard
from tb_lrfinder.training.metric_reset import MetricReset
from tb_lrfinder.training.optimizers import LearningRateControl
from tb_lrfinder.training.snapshot import ModelState
from tb_lrfinder.training.step import StepClock
from tb_lrfinder.training.swept import Swept
from tb_lrfinder.training.use_watch import UseWatch
from tb_lrfinder.training.velocities import Velocities


class RevertedRun:
    """The part of a `RevertedFit` that exists only while it trains.

    Its constructor takes over the model's learning rate; `undo` restores model, optimizer and learning rate.

    Args:
        model: The model in training.
        swept: Its optimizers whose rate is set.
        state: Its state before.
        guard: The guard of the fit.
        clock: Says when a step is over.
        course: The rates, and when to stop.
        measuring: What is measured.
        writer: Where the rows go, or None.
        leave_open: Whether the writer stays open after a good end.
        suspects: Names of the callbacks that could change the rate of a batch.
        velocities: What the optimizers carry from the steps before the test.

    Attributes:
        run: What was measured so far; its rates are those the optimizer really uses.
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        swept: Swept,
        state: ModelState,
        guard: FitGuard,
        clock: StepClock,
        course: RateCourse,
        measuring: Measuring,
        writer: TraceWriter | None,
        leave_open: bool,
        suspects: list[str],
        velocities: Velocities,
    ) -> None:
        self._model = model
        self._state = state
        self._guard = guard
        self._clock = clock
        self._measuring = measuring
        self._suspects = suspects
        state.follow_builds()
        self._assignments = BACKEND.assignments(model, watched=bool(suspects))
        self._control = LearningRateControl(model, swept.rate_holders, self._assignments)
        self._use = UseWatch(model, swept, state, velocities.ids)
        self.run = CourseRun(
            replace(course, rates=self._control.as_used(course.rates)),
            monitor=measuring.monitor,
            mode=measuring.better,
            optimizer=swept.title,
            several_batches=not clock.one_batch_per_step,
            writer=writer,
            leave_open=leave_open,
        )
        self._reset_metrics = MetricReset(model, self._assignments)
        velocities.bring_to(self.run.learning_rate)
        clock.begin_step()

    def begin_batch(self) -> None:
        self._reset_metrics()
        self._control.set(self.run.learning_rate)

    def end_batch(self, logs: dict[str, Any]) -> None:
        """Takes the logs of a batch, and adds the learning rate to them.

        Raises:
            ValueError: If there is no loss in them, or the optimizer is none that the train step uses.
            RuntimeError: If a callback has changed the rate since it was set.
        """
        self._check_rate()
        if not self._use.end_call():
            self._clock.count_updates()
        self.run.report(logs)
        # The progress bar is called after us with the same dictionary.
        logs[LEARNING_RATE] = self.run.learning_rate
        if self._clock.is_over() or not math.isfinite(self.run.judged_by(logs)):
            self.end_step()

    def end_step(self) -> None:
        """Ends the step, if any batch was trained in it, and ends the fit when the run is over.

        Raises:
            ValueError: If the monitored value is not among those of the first step.
            OSError: If the step could not be written.
        """
        run = self.run
        if not run.in_step:
            return
        measured = self._validate() if self._measuring.validates_after(len(run)) else None
        try:
            run.end_step(measured)
        except OSError as error:
            raise OSError(
                f"The range test ended at step {len(run)} and left the model as it was: it could not be written. {error}"
            ) from error
        if len(run) == 1:
            # Keras makes some metrics when it sees the first batch.
            self._reset_metrics = MetricReset(self._model, self._assignments)
        self._clock.begin_step()
        if run.stop is not None:
            self._model.stop_training = True

    def refusal(self) -> ValueError | None:
        """The error to raise at the end of the fit, where an optimizer was not used; None where all were."""
        return self._use.refusal()

    def undo(self, *, failing: bool) -> None:
        """Puts the model back as it was, while Ctrl-C waits; can be called again when it failed.

        Args:
            failing: Whether an exception is leaving `fit` at this moment.
        """
        with self._guard.ending():
            self._state.restore(failing=failing)
            self._assignments.release()
            self._control.release()

    def _check_rate(self) -> None:
        # Reading the rate costs time: only where somebody could have changed it.
        rate = self.run.learning_rate
        changed = [found for found in self._control.get() if found != rate] if self._suspects else []
        if changed:
            raise RuntimeError(
                "Another callback changed the learning rate during the range test. "
                f"Received: {numerals.number(changed[0], 6)} where the test had set {numerals.number(rate, 6)}; "
                f"these callbacks act before each batch: {', '.join(self._suspects)}."
            )

    def _validate(self) -> dict[str, float]:
        BACKEND.bring_back(self._model)
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(self._measuring.validation_data)
        measured = self._model.evaluate(
            x, y, sample_weight=sample_weight, batch_size=self._guard.batch_size, verbose=0, return_dict=True
        )
        BACKEND.after_validation(self._model)
        return {f"val_{name}": value for name, value in scalars_of(measured).items()}
