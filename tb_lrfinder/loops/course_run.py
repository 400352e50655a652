"""`CourseRun`: a training at given learning rates in any loop. It gives the rates and records the steps."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import numerals
from tb_lrfinder.choices import EndStatus, Mode
from tb_lrfinder.columns import LEARNING_RATE, LOSS, LOSS_STD, STEP, metric_columns
from tb_lrfinder.curves.curve import Curve, monitored
from tb_lrfinder.curves.ending import Ending
from tb_lrfinder.curves.stop_rules import Stop, StopRule
from tb_lrfinder.curves.suggestion import DEFAULT_METHOD, MethodName, suggest
from tb_lrfinder.curves.wording import Words
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.loops.step_batches import StepBatches, scalars_of
from tb_lrfinder.storage.writer import TraceWriter


@dataclass(frozen=True, eq=False)
class RateCourse:
    """The learning rates to train with.

    Attributes:
        rates: The rate of each step, positive and not falling, shape `[steps]`.
        rule: Says when to stop before the last of them.
        completed: Why the training ended where all rates were used.
    """

    rates: NDArray[np.float64]
    rule: StopRule
    completed: Stop


class CourseRun:
    """A training at the rates of a course, from the first to the last or to where the rule stops it.

    It knows nothing of the loop that trains. The loop asks for the rate, reports each batch that it trained with it, and
    ends the step (`end_step`). Iterating over the run ends the steps; leaving it as a context manager ends the run.

        with CourseRun(course, writer=TraceWriter("logs/lr")) as run:
            for learning_rate in run:
                run.report({"loss": train_step(next(batches), learning_rate)})

    A reported value is recorded under its name; a metric that is called like a column of ours (`columns.RESERVED`), as
    `metric_<name>`. The first step names the columns.

    Args:
        course: The rates, and when to stop.
        monitor: Name of the reported value that a rate is suggested from.
        mode: `"min"` or `"max"`: whether that is better the lower or the higher it is.
        optimizer: Name of the optimizer that is swept, or None.
        several_batches: Whether a step may have several batches: then their standard deviation is recorded as `loss_std`.
        writer: Where the rows go, opened with `column_of(monitor)` as its monitor; None writes nothing. The run closes it.
        leave_open: Whether the writer stays open after a good end, for whoever writes on.

    Attributes:
        course: The course.
        writer: The writer.
        stop: Why the run is over, by the rule or because all rates were used; None while it is not.
        ending: How it ended; None until then.
    """

    def __init__(
        self,
        course: RateCourse,
        *,
        monitor: str = LOSS,
        mode: Mode = "min",
        optimizer: str | None = None,
        several_batches: bool = False,
        writer: TraceWriter | None = None,
        leave_open: bool = False,
    ) -> None:
        self.course = course
        self.writer = writer
        self.stop: Stop | None = None
        self.ending: Stop | None = None
        self._monitor = monitor
        self._mode: Mode = mode
        self._optimizer = optimizer
        self._several_batches = several_batches
        self._leave_open = leave_open
        self._rates: list[float] = course.rates.tolist()
        self._batches = StepBatches()
        self._rows: list[dict[str, float]] = []
        # The column of each value of the first step.
        self._columns: dict[str, str] = {}

    def __len__(self) -> int:
        """Number of steps recorded so far."""
        return len(self._rows)

    @property
    def learning_rate(self) -> float:
        """The rate of the current step."""
        return self._rates[len(self._rows)]

    @property
    def in_step(self) -> bool:
        """Whether a batch was reported since the last step ended."""
        return len(self._batches) > 0

    def __iter__(self) -> Iterator[float]:
        """The rate of each step, which ends when the next one is asked for.

        Raises:
            RuntimeError: If no batch was reported in a step.
        """
        while self.stop is None:
            step, rate = len(self), self.learning_rate
            yield rate
            self.end_step()
            if len(self) == step:
                raise RuntimeError(
                    "Every learning rate must get the loss of a batch at least: call `report`. "
                    f"Received: none for {numerals.rate(rate)}."
                )

    def report(self, values: Mapping[str, Any]) -> None:
        """Takes the values of one batch of the current step: its `"loss"` and, by name, whatever else is one number.

        Without a loss, the monitored value stands in for it, in the same sense: the lower the better.

        Raises:
            ValueError: If neither is among it.
            RuntimeError: If the run is over.
        """
        over = self.ending or self.stop
        if over is not None:
            raise RuntimeError(f"Nothing can be reported to a run that is over. {over.text}")
        judge = LOSS if LOSS in values else self._monitor
        value = values.get(judge, ())
        # Of a float, which it nearly always is, NumPy would make an array to count the dimensions.
        if not isinstance(value, float) and np.ndim(value):
            raise ValueError(
                "The train step must report a `loss`, or another number that `monitor` names. "
                f"Received: monitor={self._monitor!r}; reported are {', '.join(values) or 'no values'}."
            )
        if self._rows and judge != LOSS and LOSS in self._rows[0]:
            raise ValueError(
                "Every step must report a `loss` where the first one did. "
                f"Received: {', '.join(values)} at step {len(self)}."
            )
        self._batches.add(values)

    @property
    def is_finite(self) -> bool:
        """Whether the last batch of the current step can be gone on from."""
        return math.isfinite(self.judged_by(self._batches.last))

    def judged_by(self, values: Mapping[str, Any]) -> float:
        """The loss among reported values, or the monitored value in its place."""
        if LOSS in values:
            return float(values[LOSS])
        value = float(values[self._monitor])
        return -value if self._mode == "max" else value

    def end_step(self, further: Mapping[str, Any] | None = None) -> None:
        """Records the step as the mean of its batches, if there are any, and decides whether it was the last one.

        Args:
            further: Values measured once for the whole step, such as `val_loss`.

        Raises:
            ValueError: If the monitored value is not among those of the first step, or one of a later step was not.
        """
        if not self.in_step:
            return
        measured = self._batches.mean()
        ours = self._measured_columns()
        self._batches = StepBatches()
        judged = self.judged_by(measured)
        loss = measured.pop(LOSS, None)
        metrics = {**measured, **scalars_of(further)} if further else measured
        if not self._rows:
            self._columns = self._name_columns(metrics, [] if loss is None else [LOSS])
        self._check_names(metrics)
        named = {column: metrics.get(name, math.nan) for name, column in self._columns.items()} | ours
        step, rate = len(self._rows), self.learning_rate
        losses = {} if loss is None else {LOSS: loss}
        self._rows.append({STEP: step, LEARNING_RATE: rate, **losses, **named})
        if self.writer is not None:
            self.writer.append_row(rate, loss, named)
        stop = self.course.rule.update(judged)
        self.stop = stop and stop.told(Words(LOSS, "min") if loss is not None else Words(self._monitor, self._mode))
        if self.stop is None and len(self._rows) == len(self._rates):
            self.stop = self.course.completed

    def finish(self, early_end: Stop | None = None) -> None:
        """Ends the run and closes the file, unless that is done already.

        Args:
            early_end: What to say where neither the rule nor the last rate ended it; None says that the loop did.
        """
        so_far = f"at step {len(self)} of {len(self._rates)}"
        ended = self.stop or early_end or Stop("stopped", f"Stopped {so_far}: the loop went no further.")
        self._end("finished", ended)

    def interrupt(self, error: BaseException) -> None:
        """Ends the run by an exception, Ctrl-C included, and closes the file as that of an interrupted test."""
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
        self._end("interrupted", Stop(reason, f"Interrupted after step {len(self)}: {cause_of(error)}."))

    def __enter__(self) -> CourseRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.interrupt(error)

    @property
    def history(self) -> dict[str, NDArray[np.float64]]:
        """All recorded columns by name, each an array of shape `[steps]`."""
        names = self._rows[0] if self._rows else (STEP, LEARNING_RATE, LOSS)
        return {name: np.array([row[name] for row in self._rows], np.float64) for name in names}

    @property
    def curve(self) -> Curve:
        """The curve of the monitored value so far."""
        if not self._rows:
            return Curve([], [])
        column = column_of(self._monitor)
        return Curve(
            *monitored(self.history, column),
            monitor=column,
            mode=self._mode,
            ending=self._how_it_ended(),
            optimizer=self._optimizer,
        )

    def result(
        self, method: MethodName = DEFAULT_METHOD, log_dir: str | None = None, total_steps: int | None = None
    ) -> RangeTestResult:
        """The result of the run so far.

        Args:
            method: The method of the suggestion.
            log_dir: Where the writer writes.
            total_steps: Steps of the training that the suggestion is for; None when not known.
        """
        curve = self.curve
        suggestion = suggest(curve, method, total_steps=total_steps)
        return RangeTestResult(
            curve=curve,
            suggestion=suggestion,
            stop_text=self.ending.text if self.ending else "",
            history=self.history,
            repeats=(suggestion,),
            num_steps=len(self._rates),
            log_dir=log_dir,
            session=None if self.writer is None else self.writer.session,
        )

    def _how_it_ended(self) -> Ending:
        over = self.ending or self.stop
        return Ending(over.reason if over else "running", len(self._rates), self._rates[-1])

    def _end(self, status: EndStatus, ending: Stop) -> None:
        if self.ending is not None:
            return
        self.ending = ending
        if self.writer is not None and not (self._leave_open and status == "finished"):
            with result_outlives_trace():
                self.writer.close(ending.text, stop_reason=ending.reason, status=status)

    def _measured_columns(self) -> dict[str, float]:
        """The values of `columns.MEASURED` in the current step."""
        spread = self._batches.spread() if self._several_batches else None
        return {} if spread is None else {LOSS_STD: spread}

    def _name_columns(self, metrics: Mapping[str, float], losses: list[str]) -> dict[str, str]:
        recorded = f"recorded are {', '.join([*losses, *metrics])}"
        if self._monitor != LOSS and self._monitor not in metrics:
            raise ValueError(f"`monitor` must name a recorded value. Received: monitor={self._monitor!r}; {recorded}.")
        columns = metric_columns(metrics)
        if self._monitor != LOSS and columns[self._monitor] != column_of(self._monitor):
            raise ValueError(
                f"`monitor` must name a metric whose column is free: rename {column_of(self._monitor)!r}. "
                f"Received: monitor={self._monitor!r}; {recorded}."
            )
        return columns

    def _check_names(self, metrics: Mapping[str, float]) -> None:
        if not metrics.keys() <= self._columns.keys():
            unknown = metrics.keys() - self._columns.keys()
            raise ValueError(
                "The first step must have all that is measured; one of a later step may lack some. "
                f"Received: {', '.join(sorted(unknown))} at step {len(self._rows)}; the first one had "
                f"{', '.join(self._columns) or 'no metric'}."
            )


@contextmanager
def result_outlives_trace() -> Iterator[None]:
    """Turns an `OSError` of the block, which writes what has been measured, into a warning: the result is not lost."""
    try:
        yield
    except OSError as error:
        warnings.warn(f"The result is whole, but its trace is not. {error}", stacklevel=2)


def column_of(monitor: str) -> str:
    """The column of a monitored value: its own name, unless that is one of ours."""
    return LOSS if monitor == LOSS else metric_columns([monitor])[monitor]


def cause_of(error: BaseException) -> str:
    """The exception that ended a training, in words."""
    return "Ctrl-C" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
