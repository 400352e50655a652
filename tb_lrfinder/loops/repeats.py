"""Several sweeps of one range test, averaged and written as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tb_lrfinder.columns import LEARNING_RATE, LOSS, LOSS_STD, STEP
from tb_lrfinder.curves.curve import monitored
from tb_lrfinder.curves.suggestion import suggest
from tb_lrfinder.loops.course_run import CourseRun
from tb_lrfinder.loops.result import RangeTestResult
from tb_lrfinder.loops.sweep_settings import SweepSettings
from tb_lrfinder.storage.writer import TraceWriter


def shortest_of(sweeps: Sequence[CourseRun]) -> CourseRun:
    """The sweep that ended first, at which the mean of all is cut: why it ended is why the test did."""
    return min(sweeps, key=len)


def combine(sweeps: Sequence[CourseRun], settings: SweepSettings, log_dir: str | None) -> RangeTestResult:
    """One curve out of several sweeps: the means as far as every sweep got, and the spread of the loss."""
    shortest = shortest_of(sweeps)
    result = replace(shortest.result(settings.method, log_dir, settings.total_steps), hparams=settings.remarks.hparams)
    if len(sweeps) == 1:
        return result
    histories = [sweep.history for sweep in sweeps]
    length = len(shortest)
    stacked = {name: np.stack([history[name][:length] for history in histories]) for name in histories[0]}
    with np.errstate(invalid="ignore", over="ignore"):  # a diverged loss may be infinite
        history = {name: values.mean(axis=0) for name, values in stacked.items()}
        if LOSS in stacked:
            history[LOSS_STD] = stacked[LOSS].std(axis=0)
    # What is known of the shortest sweep holds for the mean.
    one = shortest.curve
    rates, values = monitored(history, one.monitor)
    curve = replace(one, learning_rates=rates, values=values, repeats=len(sweeps))
    return replace(
        result,
        curve=curve,
        suggestion=suggest(curve, settings.method, total_steps=settings.total_steps),
        history=history,
        repeats=tuple(suggest(sweep.curve, settings.method, total_steps=settings.total_steps) for sweep in sweeps),
    )


def write_rows(result: RangeTestResult, writer: TraceWriter) -> None:
    """Writes the rows of a finished test; the trace stays open."""
    columns = {name: column.tolist() for name, column in result.history.items() if name != STEP}
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        writer.append_row(row.pop(LEARNING_RATE), row.pop(LOSS, None), row)
