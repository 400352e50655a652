"""Fewer points that draw the same picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.curve import Curve


def decimate(curve: Curve, max_points: int) -> NDArray[np.intp]:
    """Indices of the points that draw a curve, at most `max_points` of them.

    The axis of the logarithm of the learning rate is cut into `max_points // 2` bins of equal width; each keeps its lowest
    and its highest finite loss, so that no peak and no valley is lost (the M4 idea of Jugel et al. 2014, without the first
    and last points, which lie inside one pixel of the extremes).

    Args:
        curve: The curve to thin.
        max_points: At least 2.

    Returns:
        Sorted indices, all of them when the curve has no more than `max_points`. Non-finite losses are dropped otherwise.

    Raises:
        ValueError: If `max_points` is below 2.
    """
    if max_points < 2:
        raise ValueError(f"`max_points` must be at least 2. Received: max_points={max_points}.")
    if len(curve) <= max_points:
        return np.arange(len(curve))
    kept = np.flatnonzero(np.isfinite(curve.losses))
    if not kept.size:
        return kept
    position = np.log(curve.learning_rates[kept])
    span = position[-1] - position[0]
    num_bins = max_points // 2
    bins = np.minimum(((position - position[0]) / (span or 1.0) * num_bins).astype(np.intp), num_bins - 1)
    # Ordered by bin, then by loss: the first and the last entry of each bin are its extremes.
    order = np.lexsort((curve.losses[kept], bins))
    edges = np.flatnonzero(np.diff(bins[order])) + 1
    first = np.concatenate(([0], edges))
    last = np.concatenate((edges, [kept.size])) - 1
    return np.unique(kept[order[np.concatenate((first, last))]])
