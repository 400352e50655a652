"""The short trainings after a sweep that confirm what it suggests, in any training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import numerals
from tb_lrfinder.columns import LOSS
from tb_lrfinder.curves.analysis import analyse
from tb_lrfinder.curves.stop_rules import Stop
from tb_lrfinder.curves.suggestion import suggest
from tb_lrfinder.curves.trials import Trial, TrialSeries, rates_around
from tb_lrfinder.loops.course_run import RateCourse, result_outlives_trace
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.loops.sweep_settings import SweepSettings
from tb_lrfinder.storage.writer import TraceWriter


@dataclass(frozen=True, eq=False)
class OpenTrial:
    """A short training that is to be made.

    Attributes:
        heading: Which one it is, for people.
        course: Its rates, and when to stop.
        end: To be called with what it is judged by, in the order it was measured, the lower the better.
    """

    heading: str
    course: RateCourse
    end: Callable[[NDArray[np.float64]], Any]


class Confirmation:
    """The short trainings around a suggested rate, one after the other; all must see the same data.

    The rates lie around that for a short training, whatever the length of the one that is planned. What was tried so far
    stands in the trace.

    Args:
        result: The result of the sweep, which suggests a rate.
        settings: The settings of the sweep.
        count: Rates to try; fewer where the sweep had no more room.
        num_steps: Steps of each training.
        writer: The trace of the sweep, or None.
    """

    def __init__(
        self,
        result: RangeTestResult,
        settings: SweepSettings,
        count: int,
        num_steps: int,
        writer: TraceWriter | None,
    ) -> None:
        self._result = result
        self._settings = settings
        self._num_steps = num_steps
        self._writer = writer
        middle = suggest(result.curve, settings.method).learning_rate
        assert middle is not None
        self._rates = rates_around(middle, count, settings.start_lr, settings.end_lr)
        by_loss = result.curve.monitor == LOSS
        self._series = TrialSeries(num_steps, analyse(result.curve).start, judged_by_loss=by_loss)
        self._trials: list[Trial] = []

    def __iter__(self) -> Iterator[OpenTrial]:
        for index, rate in enumerate(self._rates, start=1):
            heading = f"Short training {index} of {len(self._rates)}, at {numerals.rate(rate)}"
            _report(self._writer, self._trials, f"{heading}.")
            rule = self._series.rule()
            rates = np.full(self._num_steps, rate)
            course = RateCourse(rates, rule, Stop("completed", "Trained to the end."))
            ended: list[NDArray[np.float64]] = []
            yield OpenTrial(heading, course, ended.append)
            self._trials.append(self._series.end(rate, rule, ended[0]))
            _report(self._writer, self._trials, "")

    def result(self) -> RangeTestResult:
        """The result of the sweep with what the short trainings told."""
        trials = tuple(self._trials)
        suggestion = suggest(self._result.curve, self._settings.method, trials, total_steps=self._settings.total_steps)
        return replace(self._result, trials=trials, suggestion=suggestion)


@contextmanager
def closing(writer: TraceWriter | None, ending: Stop) -> Iterator[None]:
    """Closes the trace of a finished sweep, whatever ends the trainings that follow it."""
    try:
        yield
    except BaseException as error:
        if writer is not None:
            text = f"{ending.text} The short trainings were interrupted: {type(error).__name__}."
            with result_outlives_trace():
                writer.close(text, stop_reason="error", status="interrupted")
        raise
    if writer is not None:
        with result_outlives_trace():
            writer.close(ending.text, stop_reason=ending.reason)


def _report(writer: TraceWriter | None, trials: Sequence[Trial], text: str) -> None:
    if writer is not None:
        with result_outlives_trace():
            writer.report_trials(trials, text)
