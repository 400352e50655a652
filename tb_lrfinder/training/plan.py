"""`plan`: a schedule in the tab before anything is trained."""

from __future__ import annotations

import inspect
import os
import time
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.columns import EPOCH, LEARNING_RATE, PLAN, STEP, Table
from tb_lrfinder.rates.thinning import Thinner
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.file_system import check_log_dir
from tb_lrfinder.storage.table_writer import TableWriter
from tb_lrfinder.training.keras_support import check_keras
from tb_lrfinder.training.rates_used import rates_of

# Steps that are evaluated at a time.
_CHUNK = 65_536


def plan(
    schedule: Any,
    steps: int,
    log_dir: str | os.PathLike[str],
    *,
    steps_per_epoch: int | None = None,
    learning_rate: float = 0.001,
) -> None:
    """Evaluates a schedule and writes it for the Schedules view of the tab, without training.

    Args:
        schedule: A `keras.optimizers.schedules.LearningRateSchedule`; a `keras.callbacks.LearningRateScheduler`, which gives
            a rate per epoch; or any function from a step, counted from 0, to a rate.
        steps: Number of steps, at least 1.
        log_dir: Directory for TensorBoard, local or remote; it becomes a run.
        steps_per_epoch: Steps of an epoch, at least 1: needed for a `LearningRateScheduler`, and for the axis of epochs.
        learning_rate: What a `LearningRateScheduler` is given as the rate of the optimizer in the first epoch.

    Raises:
        ValueError: If an argument is outside its range, or the schedule gives a rate that is negative or not finite.
        TypeError: If the schedule is none of the three.

    Example:
        >>> schedule = keras.optimizers.schedules.CosineDecay(0.1, 1000)    # doctest: +SKIP
        >>> plan(schedule, 1000, "logs/plan")                               # doctest: +SKIP
    """
    check_keras()
    arguments.whole(1, steps=steps)
    log_dir = check_log_dir(log_dir)
    if steps_per_epoch is not None:
        arguments.whole(1, steps_per_epoch=steps_per_epoch)
    rates = _rates(schedule, int(steps), steps_per_epoch, learning_rate)
    broken = np.flatnonzero(~(np.isfinite(rates) & (rates >= 0)))
    if broken.size:
        raise ValueError(
            "`schedule` must give finite rates that are not negative. "
            f"Received: {rates[broken[0]]} at step {broken[0]}."
        )
    _write(rates, log_dir, steps_per_epoch, _name(schedule))


def _rates(schedule: Any, steps: int, steps_per_epoch: int | None, learning_rate: float) -> NDArray[np.float64]:
    if isinstance(schedule, keras.callbacks.LearningRateScheduler):
        if steps_per_epoch is None:
            raise ValueError(
                "`steps_per_epoch` must be given for a LearningRateScheduler, which gives a rate per epoch. "
                "Received: steps_per_epoch=None."
            )
        epochs = -(-steps // steps_per_epoch)
        return np.repeat(_by_epoch(schedule.schedule, epochs, learning_rate), steps_per_epoch)[:steps]
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        counts = (np.arange(start, min(start + _CHUNK, steps)) for start in range(0, steps, _CHUNK))
        return np.concatenate([rates_of(schedule, chunk) for chunk in counts])
    if not callable(schedule):
        raise TypeError(
            "`schedule` must be a LearningRateSchedule, a LearningRateScheduler, or a function from a step to a rate. "
            f"Received: {schedule!r}."
        )
    function: Any = schedule
    return np.array([float(function(step)) for step in range(steps)])


def _by_epoch(function: Any, epochs: int, rate: float) -> list[float]:
    """As the callback calls it: with the epoch and the rate so far, or with the epoch alone."""
    takes_rate = len(inspect.signature(function).parameters) > 1
    rates: list[float] = []
    for epoch in range(epochs):
        rate = float(function(epoch, rate) if takes_rate else function(epoch))
        rates.append(rate)
    return rates


def _name(schedule: Any) -> str:
    name = getattr(schedule, "__name__", type(schedule).__name__)
    return "function" if name == "<lambda>" else name


def _write(rates: NDArray[np.float64], log_dir: str, steps_per_epoch: int | None, driver: str) -> None:
    steps = np.arange(float(rates.size))
    epochs = {EPOCH: (steps + 1) / steps_per_epoch} if steps_per_epoch else {}
    thinner = Thinner()
    rows = thinner.add(Table.of({STEP: steps, LEARNING_RATE: rates, **epochs})).followed_by(thinner.finish())
    now = time.time()
    header = schema.Header(kind=PLAN, started=now, num_steps=rates.size, driver=driver)
    writer = TableWriter(log_dir, header, rows.columns)
    writer.append_rows(rows.values, np.full(len(rows), now))
    writer.close("A plan.")
