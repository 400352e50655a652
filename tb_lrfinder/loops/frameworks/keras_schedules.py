"""The rates of Keras' schedules, many at a time: a call for one step takes about as long as a training step."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
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
    for evaluate in (_at_once, _mapped):
        try:
            rates = evaluate(schedule, counts)
        except Exception:  # somebody's own class may take one step at a time only, and say so in its own way
            continue
        if rates.shape == counts.shape:
            return rates
    return np.array([float(_evaluate(schedule, count)) for count in counts.tolist()])


def _at_once(schedule: Any, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    rates = _evaluate(schedule, counts) if _takes_many(schedule) else np.empty(0)
    # A class that is made for one step may take them for something else.
    return rates if rates.size and rates[-1] == _evaluate(schedule, int(counts[-1])) else np.empty(0)


@functools.lru_cache(maxsize=64)
def _takes_many(schedule: Any) -> bool:
    """Whether a schedule takes several steps in one call; to ask one that does not takes long, too."""
    try:
        return _evaluate(schedule, np.arange(2)).shape == (2,)
    except Exception:
        return False


def _mapped(schedule: Any, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """On JAX, a schedule that asks which part of it has come (`ops.cond`), as one with a warm-up does, is compiled anew in
    every call: for a step alone that takes as long as hundreds of training steps. Mapped over so many it is compiled once.
    """
    if sys.modules["keras"].backend.backend() != "jax":
        return np.empty(0)
    size = max(_AHEAD, 1 << (counts.size - 1).bit_length())
    padded = np.full(size, counts[-1], np.int32)
    padded[: counts.size] = counts
    return np.asarray(_compiled(schedule)(padded), np.float64)[: counts.size]


@functools.lru_cache(maxsize=8)
def _compiled(schedule: Any) -> Callable[[NDArray[np.int32]], Any]:
    jax = sys.modules["jax"]
    return jax.jit(jax.vmap(schedule))


def _evaluate(schedule: Any, counts: Any) -> NDArray[np.float64]:
    ops = sys.modules["keras"].ops
    return np.asarray(ops.convert_to_numpy(schedule(ops.convert_to_tensor(counts, "int32"))), np.float64)
