"""Fewer points that draw the same picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def decimate(
    learning_rates: NDArray[np.float64], series: Sequence[NDArray[np.float64]], max_points: int
) -> NDArray[np.intp]:
    """Indices of the points that draw one or more series over the same rates, at most `max_points` of them.

    The axis of the logarithm of the learning rate is cut into `max_points // (2 * len(series))` bins of equal width; each
    keeps the lowest and the highest finite value of every series, so that no peak and no valley is lost (the M4 idea of
    Jugel et al. 2014, without the first and last points, which lie inside one pixel of the extremes). A bin without any
    finite value keeps its first point: there the line is broken.

    Args:
        learning_rates: Positive rates in non-decreasing order, shape `[n]`.
        series: Values at each, every one of shape `[n]`; may hold NaN and infinities.
        max_points: At least two for each series.

    Returns:
        Sorted indices, all of them when there are no more than `max_points`.

    Raises:
        ValueError: If `max_points` is too small.
    """
    per_bin = 2 * len(series)
    if max_points < per_bin:
        raise ValueError(f"`max_points` must be at least {per_bin}. Received: max_points={max_points}.")
    if learning_rates.size <= max_points:
        return np.arange(learning_rates.size)
    first, last = learning_rates[[0, -1]].tolist()
    edges = np.geomspace(first, last, max_points // per_bin, endpoint=False)
    starts = np.unique(np.searchsorted(learning_rates, edges))
    kept = [_lowest(one, starts) for values in series for one in (values, -values)]
    return np.unique(np.concatenate(kept))


def _lowest(values: NDArray[np.float64], starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Index of the lowest finite value of each stretch, the first of several; without any, of its first value."""
    known = np.where(np.isfinite(values), values, np.inf)
    lowest = np.minimum.reduceat(known, starts)
    hits = np.flatnonzero(known == np.repeat(lowest, np.diff(starts, append=known.size)))
    return hits[np.searchsorted(hits, starts)]
