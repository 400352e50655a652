"""The rates that the schedules of Keras give."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.loops.frameworks.keras_schedules import is_schedule, rates_of
from tb_lrfinder.training.keras_support import check_keras
from tb_lrfinder.training.optimizers import rate_holders


def evaluator(schedule: Any, learning_rate: float) -> tuple[Callable[[NDArray[np.int64]], NDArray[np.float64]], bool]:
    """What gives the rates of a schedule at counts, and whether these are epochs.

    Args:
        schedule: A `LearningRateSchedule` or a `LearningRateScheduler`.
        learning_rate: The rate before the first epoch.
    """
    check_keras()
    if isinstance(schedule, keras.callbacks.LearningRateScheduler):
        return _EpochRates(schedule.schedule, learning_rate), True
    return lambda counts: rates_of(schedule, counts), False


def followed(optimizer: keras.Optimizer) -> tuple[Any, int, int]:
    """The schedule that an optimizer follows, the batches that make an update, and the updates that it has made.

    Raises:
        ValueError: If it follows none.
    """
    check_keras()
    holder = rate_holders(optimizer)[0]
    if not is_schedule(holder._learning_rate):
        rate = "a number" if isinstance(holder._learning_rate, keras.Variable) else "a function"
        raise ValueError(
            "An optimizer is planned by the LearningRateSchedule that it follows. "
            f"Received: {type(holder).__name__} with a learning rate that is {rate}. "
            "Plan what sets its rate, such as a LearningRateScheduler."
        )
    batches = holder.gradient_accumulation_steps or 1
    return holder._learning_rate, batches, int(np.asarray(keras.ops.convert_to_numpy(holder._iterations))) // batches


class _EpochRates:
    """The rates of a `LearningRateScheduler`, asked as the callback asks: with the epoch, perhaps with the rate so far."""

    def __init__(self, function: Callable[..., Any], rate: float) -> None:
        self._function = function
        self._takes_rate = len(inspect.signature(function).parameters) > 1
        self._rate = rate

    def __call__(self, epochs: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.array([self._next(epoch) for epoch in epochs.tolist()])

    def _next(self, epoch: int) -> float:
        self._rate = float(self._function(epoch, self._rate) if self._takes_rate else self._function(epoch))
        return self._rate
