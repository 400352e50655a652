"""The rate of each step of a training, for the three uses of a suggestion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def constant(rate: float, steps: int) -> NDArray[np.float64]:
    return np.full(steps, rate)


def one_cycle(peak: float, steps: int) -> NDArray[np.float64]:
    """From peak / 25 up over 30 % of the steps and down to peak / 250,000, both along a cosine.

    The defaults of PyTorch's `OneCycleLR` and fastai's `fit_one_cycle`, of the rate alone.
    """
    rise = round(0.3 * steps)
    low, end = peak / 25, peak / 25e4
    up = peak + (low - peak) * (1 + np.cos(np.pi * np.arange(rise) / rise)) / 2
    down = end + (peak - end) * (1 + np.cos(np.pi * np.arange(steps - rise) / max(1, steps - rise - 1))) / 2
    return np.concatenate([up, down])


def triangular(low: float, high: float, steps: int, cycles: int = 2) -> NDArray[np.float64]:
    """Smith's triangular cycles (arXiv:1506.01186), so many over the whole training, from `low` to `high` and back."""
    position = np.arange(steps) / steps * cycles % 1
    return low + (high - low) * (1 - np.abs(2 * position - 1))
