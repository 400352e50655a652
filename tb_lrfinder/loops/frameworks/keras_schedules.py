"""The rates of Keras' schedules, many at a time: a call for one step takes about as long as a training step."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Steps that are evaluated ahead.
_AHEAD = 1024


def is_schedule(rate: Any) -> bool:
    """Whether a learning rate is a `LearningRateSchedule`."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)


class RatesAhead:
    """The rates of a schedule for one count of the optimizer after another."""

    def __init__(self) -> None:
        self._schedule: Any = None
        self._start = 0
        self._rates: list[float] = []

    def at(self, schedule: Any, count: int) -> float:
        """The rate of a schedule at a count, from 0."""
        if self._schedule is not schedule or not 0 <= count - self._start < len(self._rates):
            self._schedule, self._start = schedule, count
            self._rates = rates_of(schedule, np.arange(count, count + _AHEAD)).tolist()
        return self._rates[count - self._start]


def rates_of(schedule: Any, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The rates of a `LearningRateSchedule` at the optimizer's counts, both of shape `[n]`."""
    if not counts.size:
        return np.empty(0)
    try:
        rates = _evaluate(schedule, counts)
    except Exception:  # somebody's own class may take one step at a time only, and say so in its own way
        rates = np.empty(0)
    if rates.shape == counts.shape and rates[-1] == _evaluate(schedule, int(counts[-1])):
        return rates
    return np.array([float(_evaluate(schedule, count)) for count in counts.tolist()])


def _evaluate(schedule: Any, counts: Any) -> NDArray[np.float64]:
    ops = sys.modules["keras"].ops
    return np.asarray(ops.convert_to_numpy(schedule(ops.convert_to_tensor(counts, "int32"))), np.float64)
