"""How steeply a curve falls or rises: its derivative by the logarithm of the learning rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.curves.analysis import SIGMA_DECADES, analyse, problem_of
from tb_lrfinder.curves.curve import Curve

# More than this share of the sweep would leave nothing to see.
_SIGMA_SHARE = 1 / 4


def slopes_of(curve: Curve, sigma: float = SIGMA_DECADES) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The slope of what was measured, per decade of learning rate.

    `dl / d(log10 x)` of the curve as every suggestion reads it: freed of spikes, smoothed without lag, cut where the loss
    blows up or stops being finite. The slope of a loss is lowest near the rate of the method `steepest`.

    `l` and `log10 x` are averaged over the same points by the same weights, a Gaussian over `log10 x`, before one is derived
    by the other: a straight line keeps its slope up to its ends. Multiplying the curve by a positive constant multiplies
    its slopes.

    Args:
        curve: The raw curve.
        sigma: Standard deviation of the Gaussian in decades, positive; at most a quarter of the sweep is used.

    Returns:
        Learning rates, increasing, and the slope at each: two arrays of one shape, empty for a curve that cannot be
        analysed. With `curve.mode == "max"` a positive slope is a rise of what was measured.

    Raises:
        ValueError: If `sigma` is not positive and finite.

    Example:
        >>> rates = np.geomspace(1e-6, 1.0, 200)
        >>> learning_rates, slopes = slopes_of(Curve(rates, -2.0 * np.log10(rates)))
        >>> f"{slopes[50]:.6f}"
        '-2.000000'

    Reference: keras_lr_finder, `plot_loss_change`, which shows the difference per step.
    """
    arguments.positive(sigma=sigma)
    if problem_of(curve):
        return np.empty(0), np.empty(0)
    analysis = analyse(curve, sigma, _SIGMA_SHARE)
    sign = -1.0 if curve.mode == "max" else 1.0
    slopes = sign * np.gradient(analysis.losses, analysis.positions)
    rates = np.clip(10 ** analysis.positions[: analysis.end], *analysis.learning_rates[[0, -1]])
    return rates, slopes[: analysis.end]
