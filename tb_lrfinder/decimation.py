"""Fewer points that draw the same picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def decimate(learning_rates: NDArray[np.float64], losses: NDArray[np.float64], max_points: int) -> NDArray[np.intp]:
    """Indices of the points that draw a curve, at most `max_points` of them.

    The axis of the logarithm of the learning rate is cut into `max_points // 2` bins of equal width; each keeps its lowest
    and its highest finite loss, so that no peak and no valley is lost (the M4 idea of Jugel et al. 2014, without the first
    and last points, which lie inside one pixel of the extremes).

    Args:
        learning_rates: Positive rates in non-decreasing order, shape `[n]`.
        losses: The loss at each, shape `[n]`; may hold NaN and infinities.
        max_points: At least 2.

    Returns:
        Sorted indices, all of them when there are no more than `max_points`. Non-finite losses are dropped otherwise.

    Raises:
        ValueError: If `max_points` is below 2.
    """
    if max_points < 2:
        raise ValueError(f"`max_points` must be at least 2. Received: max_points={max_points}.")
    if losses.size <= max_points:
        return np.arange(losses.size)
    kept = np.flatnonzero(np.isfinite(losses))
    if not kept.size:
        return kept
    position = np.log(learning_rates[kept])
    span = position[-1] - position[0]
    num_bins = max_points // 2
    bins = np.minimum(((position - position[0]) / (span or 1.0) * num_bins).astype(np.intp), num_bins - 1)
    # Ordered by bin, then by loss: the first and the last entry of each bin are its extremes.
    order = np.lexsort((losses[kept], bins))
    edges = np.flatnonzero(np.diff(bins[order])) + 1
    first = np.concatenate(([0], edges))
    last = np.concatenate((edges, [kept.size])) - 1
    return np.unique(kept[order[np.concatenate((first, last))]])
