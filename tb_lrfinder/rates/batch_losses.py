"""The losses of batches out of what Keras reports: the mean over the epoch so far."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class BatchLosses:
    """Takes the running means of one epoch after another apart.

    `l_n = (W_n m_n - W_(n-1) m_(n-1)) / (W_n - W_(n-1))` with the means `m` and the weight `W` of all batches so far. Keras'
    means are float32: after `n` batches of an epoch a loss is off by about `1e-7 n` of itself.

    Reference: `keras.metrics.Mean`, by which Keras' trainer tracks the loss.
    """

    def __init__(self) -> None:
        self._weight = 0.0
        self._mean = 0.0

    def add(self, means: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """The losses since the mean before, shape `[n]`.

        Args:
            means: What Keras reported, shape `[n]`.
            weights: The weight of all batches of the epoch up to each mean, increasing, shape `[n]`.
        """
        weights = np.concatenate([[self._weight], weights])
        totals = weights * np.concatenate([[self._mean], means])
        self._weight, self._mean = float(weights[-1]), float(means[-1])
        with np.errstate(invalid="ignore"):  # of a training that diverged: inf - inf
            return np.diff(totals) / np.diff(weights)

    def end_epoch(self) -> None:
        """Starts over, as Keras does."""
        self._weight, self._mean = 0.0, 0.0
