"""Smoothing of a series of losses.

`ema` is what the smoothing slider shows; `zero_phase` is what the suggestions are computed from.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Beyond three standard deviations a Gaussian kernel adds less than 0.3 % of its weight.
_KERNEL_REACH = 3.0
# A kernel so narrow gives neighbours no weight at all; narrower ones would overflow.
_LEAST_SIGMA = 1e-3
# As many values at a time as the cache of a processor holds: a long curve takes a third of the time.
_BLOCK = 8192
# Half of the largest number.
_HALF_OF_ALL = sys.float_info.max / 2
# Half of the distance from one to the float below it.
_EPSILON = 2.0**-54


def ema(values: ArrayLike, smoothing: float) -> NDArray[np.float64]:
    """Debiased exponential moving average, as TensorBoard's Scalars tab draws it.

    `last = w * last + (1 - w) * y; n += 1; out = last / (1 - w ** n)` from `last = 0`. A non-finite `y` is passed
    through and leaves `last` and `n` as they were; a series whose values are all equal comes back unchanged.

    Args:
        values: 1-D array of `n` values.
        smoothing: The weight `w` in [0, 1). 0 returns the values.

    Returns:
        Array of shape `[n]`.

    Raises:
        ValueError: If `smoothing` is not in [0, 1).

    Example:
        >>> ema([1.0, 1.0, 4.0], 0.5).tolist()
        [1.0, 1.0, 2.7142857142857144]

    Reference: TensorBoard, `tensorboard/webapp/widgets/line_chart_v2/data_transformer`.
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"`smoothing` must be in [0, 1). Received: smoothing={smoothing}.")
    series = np.array(values, dtype=np.float64)
    if smoothing == 0 or series.size == 0 or np.all(series == series[0]):
        return series
    finite = np.isfinite(series)
    # Half of it, so that rounding never goes beyond the largest number.
    average = (1 - smoothing) / 2 * series[finite]
    # Each pass doubles how many values the sums reach back over: 1 / (1 - w z) = (1 + w z) (1 + w² z²) (1 + w⁴ z⁴) …
    reach, weight = 1, smoothing
    while reach < average.size and weight > 0:
        average[reach:] += weight * average[:-reach]
        reach, weight = 2 * reach, weight * weight
    # Later powers are lost beside the one.
    biased = average[: math.ceil(math.log(_EPSILON) / math.log(smoothing))]
    biased /= 1 - smoothing ** np.arange(1, biased.size + 1)
    series[finite] = 2 * np.clip(average, -_HALF_OF_ALL, _HALF_OF_ALL)
    return series


def running_median(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Median over a centred window of `width` (odd) values; the ends are padded by reflection.

    A spike shorter than half the window leaves no trace, and a step stays a step.
    """
    half = width // 2
    if half == 0 or values.size <= half:
        return values.copy()
    padded = np.pad(values, half, mode="reflect")
    medians = np.empty_like(values)
    for start in range(0, values.size, _BLOCK):
        block = padded[start : start + _BLOCK + 2 * half]
        medians[start : start + _BLOCK] = _medians(block, width)
    return medians


def _medians(padded: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """The median of each window that lies within the values."""
    size = padded.size - width + 1
    windows = [padded[start : start + size] for start in range(width)]
    # The largest of each window goes to its end, then the largest of the rest, up to the middle one.
    for end in range(width - 1, width // 2 - 1, -1):
        for index in range(end):
            one, other = windows[index], windows[index + 1]
            windows[index], windows[index + 1] = np.minimum(one, other), np.maximum(one, other)
    return windows[width // 2]


def zero_phase(
    values: NDArray[np.float64], sigma: float, weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Gaussian average of finite values that does not shift the curve, as an EMA would.

    `out[i] = sum_j g(i - j) w[j] y[j] / sum_j g(i - j) w[j]` with `g(k) = exp(-k² / 2 sigma²)`: near the ends the weights
    of the points that exist are scaled to one.

    Args:
        values: 1-D array of `n` finite values.
        sigma: Standard deviation of the kernel in points, positive.
        weights: Weight of each value, not negative; None weighs all alike.

    Returns:
        Array of shape `[n]`, each value between the smallest and the largest input; NaN where no value within the kernel's
        reach has a weight.
    """
    kernel = _gaussian(sigma, values.size)
    given = np.ones(values.size) if weights is None else weights
    # Differences from one of the values: a large level would cost digits.
    level = values[0]
    total = _filtered(given * (values - level), kernel)
    return np.clip(level + _divided(total, _filtered(given, kernel)), values.min(), values.max())


def zero_phase_error(errors: NDArray[np.float64], sigma: float, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard error of `zero_phase(values, sigma, weights)` where each value has a standard error of its own.

    `sqrt(sum_j (g(i - j) w[j] e[j])²) / sum_j g(i - j) w[j]`, of shape `[n]`.
    """
    kernel = _gaussian(sigma, errors.size)
    return _divided(np.sqrt(_filtered((weights * errors) ** 2, kernel**2)), _filtered(weights, kernel))


def _divided(total: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(total, weight, out=np.full(total.size, np.nan), where=weight > 0)


def _gaussian(sigma: float, size: int) -> NDArray[np.float64]:
    sigma = max(sigma, _LEAST_SIGMA)
    reach = min(int(np.ceil(_KERNEL_REACH * sigma)), size - 1)
    return np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)


def _filtered(values: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    reach = kernel.size // 2
    return np.convolve(values, kernel)[reach : reach + values.size]
