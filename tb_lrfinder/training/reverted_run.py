"""A range test while it runs: what happens in each batch and in each step, and how all of it is undone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import LEARNING_RATE, LOSS, STEP
from tb_lrfinder.curves.stop_rules import Stop, StopRule
from tb_lrfinder.loops.measured_step import MeasuredStep, scalars_of
from tb_lrfinder.storage.writer import TraceWriter
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.fit_guard import FitGuard
from tb_lrfinder.training.metric_reset import MetricReset
from tb_lrfinder.training.optimizers import LearningRateControl
from tb_lrfinder.training.snapshot import ModelState
from tb_lrfinder.training.step import StepClock


@dataclass(frozen=True)
class Plan:
    """What to train with.

    Attributes:
        rates: The learning rate of each step, shape `[steps]`.
        rule: Says when to stop before the last of them.
        completed: What is said when all were used.
    """

    rates: NDArray[np.float64]
    rule: StopRule
    completed: Stop


class RunningTest:
    """What exists only while a test runs. Making it takes over the model's learning rate; `undo` gives all back.

    Args:
        model: The model in training.
        state: Its state before the test.
        guard: The guard of the fit.
        clock: Says when a step is over.
        writer: Where the rows go, or None.
        plan: The rates, and when to stop.
        monitor: Name of the value that must be measured.
        validation_data: What to evaluate, or None.
        validation_freq: After how many steps.
        suspects: Names of the callbacks that could change the rate of a batch.

    Attributes:
        rows: One dictionary per step: the columns of the trace.
        stop: Why the test is over; None while it is not.
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        state: ModelState,
        guard: FitGuard,
        clock: StepClock,
        writer: TraceWriter | None,
        plan: Plan,
        monitor: str,
        validation_data: Any,
        validation_freq: int,
        suspects: list[str],
    ) -> None:
        self.writer = writer
        self.rows: list[dict[str, float]] = []
        self.stop: Stop | None = None
        self._model = model
        self._state = state
        self._guard = guard
        self._clock = clock
        self._plan = plan
        self._monitor = monitor
        self._validation_data = validation_data
        self._validation_freq = validation_freq
        self._suspects = suspects
        self._assignments = BACKEND.assignments(model, watched=bool(suspects))
        self._control = LearningRateControl(model, self._assignments)
        self._rates = self._control.as_used(plan.rates)
        self._reset_metrics = MetricReset(model, self._assignments)
        self._measure = MeasuredStep()
        clock.begin_step()

    @property
    def _rate(self) -> float:
        """The rate of the current step."""
        return self._rates[len(self.rows)]

    def begin_batch(self) -> None:
        self._reset_metrics()
        self._control.set(self._rate)

    def end_batch(self, logs: dict[str, Any]) -> None:
        """Takes the logs of a batch, and adds the learning rate to them.

        Raises:
            ValueError: If there is no loss in them.
            RuntimeError: If a callback has changed the rate since it was set.
        """
        if LOSS not in logs:
            raise ValueError(f"The train step must report a `loss`. Received: logs of {', '.join(logs) or 'nothing'}.")
        self._check_rate()
        self._measure.add(logs)
        # The progress bar is called after us with the same dictionary.
        logs[LEARNING_RATE] = self._rate
        if self._clock.is_over() or not math.isfinite(logs[LOSS]):
            self.end_step()

    def end_step(self) -> None:
        """Records the step, if any batch was trained in it, and ends the fit when the test is over.

        Raises:
            ValueError: If the monitored value is not among those of the first step.
        """
        if not len(self._measure):
            return
        step, rate = len(self.rows), self._rate
        measured = self._measure.result(with_spread=not self._clock.one_batch_per_step)
        if self._validation_data is not None and step % self._validation_freq == 0:
            measured.update(self._validate())
        if step == 0:
            if self._monitor not in measured:
                raise ValueError(
                    f"`monitor` must name a recorded value. Received: monitor={self._monitor!r}; recorded are "
                    f"{', '.join(measured)}."
                )
            # Keras makes some metrics when it sees the first batch.
            self._reset_metrics = MetricReset(self._model, self._assignments)
        loss = measured.pop(LOSS)
        self.rows.append({STEP: step, LEARNING_RATE: rate, LOSS: loss, **measured})
        if self.writer is not None:
            self.writer.append(rate, loss, **measured)
        self._measure = MeasuredStep()
        self._clock.begin_step()
        self.stop = self._plan.rule.update(loss)
        if self.stop is None and len(self.rows) == len(self._rates):
            self.stop = self._plan.completed
        if self.stop is not None:
            self._model.stop_training = True

    def undo(self, *, failing: bool) -> None:
        """Puts the model back as it was; can be called again when an interrupt came in between.

        Args:
            failing: Whether an exception is leaving `fit` at this moment.
        """
        self._state.restore(failing=failing)
        self._guard.release()
        self._assignments.release()
        self._control.release()

    def _check_rate(self) -> None:
        # Reading the rate costs time: only where somebody could have changed it.
        changed = [found for found in self._control.get() if found != self._rate] if self._suspects else []
        if changed:
            raise RuntimeError(
                "Another callback changed the learning rate during the range test. "
                f"Received: {changed[0]:g} where the test had set {self._rate:g}; "
                f"these callbacks act before each batch: {', '.join(self._suspects)}."
            )

    def _validate(self) -> dict[str, float]:
        BACKEND.bring_back(self._model)
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(self._validation_data)
        measured = self._model.evaluate(
            x, y, sample_weight=sample_weight, batch_size=self._guard.batch_size, verbose=0, return_dict=True
        )
        BACKEND.after_validation(self._model)
        return {f"val_{name}": value for name, value in scalars_of(measured).items()}
