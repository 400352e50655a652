"""The drift of a noisy series: how far its level wanders by itself, without any trend."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# Longer series are averaged to so many points at most, so that noise correlated over a few points of many is no drift.
_POINTS = 400
# Distances at which points are compared. Over so few points a trend is straight, and second differences do not see it.
_LAGS = (4, 8)
# Independent noise whose spread is estimated from its neighbours comes out larger by less than this, as a variance.
_MARGIN = 1.5
# Standard deviation of normal values by the median of their size.
_MEDIAN_TO_STD = 1.4826


def drift_of(values: NDArray[np.float64], steps: float) -> float:
    """Standard deviation of the distance that the level of a series drifts in some steps, without any trend.

    The second differences `d[k] = v[i - k] - 2 v[i] + v[i + k]` of independent noise spread alike for all `k`; those of a
    random walk whose steps have the variance `s²` spread by `2 k s²`. So

        s² = (var d[k] - 1.5 var d[1]) / (2 (k - 1.5)),    drift = s sqrt(steps),

    the least of two `k` and of both halves of the series: a fall and the corners beside it fill one half at most. Variances
    are those of the median, which spikes do not move.

    Args:
        values: 1-D array of finite values.
        steps: How many of them lie between the two levels that are compared.

    Example:
        >>> noise = np.random.default_rng(0).standard_normal(300)
        >>> drift_of(noise, 200), 5 < drift_of(np.cumsum(noise), 200) < 20
        (0.0, True)
    """
    size = max(1, math.ceil(values.size / _POINTS))
    blocks = values[: values.size // size * size].reshape(-1, size).mean(axis=1)
    return math.sqrt(min(map(_step_variance, np.array_split(blocks, 2))) * steps / size)


def _step_variance(values: NDArray[np.float64]) -> float:
    """Variance of the steps of the random walk in a series; 0 where noise explains all, or for few values."""
    lags = [lag for lag in _LAGS if values.size >= 4 * lag]
    noise = _MARGIN * _bend(values, 1) if lags else 0.0
    return min((max(0.0, _bend(values, lag) - noise) / (2 * (lag - _MARGIN)) for lag in lags), default=0.0)


def _bend(values: NDArray[np.float64], lag: int) -> float:
    """Variance of the second differences over a distance."""
    differences = values[2 * lag :] - 2 * values[lag:-lag] + values[: -2 * lag]
    return (_MEDIAN_TO_STD * float(np.median(np.abs(differences)))) ** 2
