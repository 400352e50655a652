"""Losses out of a moving average of them, as other finders record it, and which average it was.

An average lags behind, so a suggestion read from it lies too high. It can be undone exactly where it was computed in
float64. Losses of a training are float32: values that are float32 to the last bit after undoing prove which average it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

# Losses that diverged may be infinite, or too large for float32.
_NOT_FINITE = partial(np.errstate, invalid="ignore", over="ignore")
# How far a recorded value may be off by the rounding of the few operations that it was computed by.
_ROUNDING = 2.0**-50
# A loss tells something when undoing is so much finer than float32; then a wrong average passes by chance once in 10,000.
_FINER = 1e-3
_MIN_TELLING = 8
# The average of losses in float32 is undone where that adds this share of their own spread at most.
_SMALL = 0.05


@dataclass(frozen=True)
class MovingAverage:
    """An exponential moving average `v[n] = beta * v[n-1] + (1 - beta) * loss[n]`, `n` from 1.

    Attributes:
        beta: The weight of the past, from 0 to below 1; 0 for none.
        ahead: None for an average that begins with the first loss. One that begins at 0 is recorded divided by
            `1 - beta ** (n + ahead)`: 0 where that is right, more where it counts steps that were not averaged.
    """

    beta: float
    ahead: int | None = None

    def undone(self, recorded: NDArray[np.float64]) -> NDArray[np.float64]:
        """The losses, shape `[n]`, whose average was recorded.

        Example:
            >>> MovingAverage(0.5).undone(np.array([4.0, 3.0, 2.0])).tolist()
            [4.0, 2.0, 1.0]
        """
        if self.beta == 0:
            return recorded
        now, before = self._averages(recorded)
        with _NOT_FINITE():
            return (now - self.beta * before) / (1 - self.beta)

    def error(self, recorded: NDArray[np.float64], rounding: float = _ROUNDING) -> NDArray[np.float64]:
        """How far the losses may be off, shape `[n]`, where recorded values are rounded by this share of themselves."""
        now, before = self._averages(np.abs(recorded))
        with _NOT_FINITE():
            return rounding * (now + self.beta * before) / (1 - self.beta)

    def _averages(self, recorded: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self.ahead is None:
            return recorded, np.concatenate([recorded[:1], recorded[:-1]])
        averages = recorded * (1 - self.beta ** (np.arange(1.0, recorded.size + 1) + self.ahead))
        return averages, np.concatenate([np.zeros(min(1, recorded.size)), averages[:-1]])


# No average at all.
RAW = MovingAverage(0.0)


def proven(recorded: NDArray[np.float64], candidates: Iterable[MovingAverage]) -> MovingAverage | None:
    """The first of some averages, computed in float64, that is proven to be what was recorded; None where none is.

    Example:
        >>> losses = np.linspace(2.0, 1.0, 20).astype(np.float32).astype(float)
        >>> recorded = losses.copy()
        >>> for n in range(1, 20):
        ...     recorded[n] = 0.1 * losses[n] + 0.9 * recorded[n - 1]
        >>> proven(recorded, [RAW, MovingAverage(0.95), MovingAverage(0.9)])
        MovingAverage(beta=0.9, ahead=None)
    """
    return next((one for one in candidates if _proves(one, recorded)), None)


def hardly_rounded(average: MovingAverage, recorded: NDArray[np.float64]) -> bool:
    """Whether losses out of an average that was kept in float32 are about as good as those that were measured."""
    fall = slice(0, int(np.argmin(np.where(np.isfinite(recorded), recorded, np.inf))) + 1)
    error = average.error(recorded, float(np.finfo(np.float32).eps))[fall]
    return recorded.size > 0 and float(np.median(error)) <= _SMALL * float(np.std(average.undone(recorded)[fall]))


def _proves(average: MovingAverage, recorded: NDArray[np.float64]) -> bool:
    losses, errors = average.undone(recorded), average.error(recorded)
    with _NOT_FINITE():
        nearest = losses.astype(np.float32)
        apart = np.abs(np.spacing(nearest)).astype(np.float64)
        telling = np.isfinite(nearest) & (losses != 0) & (errors < _FINER * apart)
    matches = np.abs(losses[telling] - nearest[telling]) <= 4 * errors[telling]
    return matches.size >= _MIN_TELLING and bool(matches.all())
