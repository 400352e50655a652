"""The values of a Keras schedule, many at once."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray


def rates_of(schedule: Any, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """What a `LearningRateSchedule` gives at the optimizer's counts, both of shape `[n]`."""
    if not counts.size:
        return np.empty(0)
    try:
        rates = _evaluate(schedule, counts)
    except Exception:  # somebody's own class may take one step at a time only, and say so in its own way
        rates = np.empty(0)
    if rates.shape == counts.shape and rates[-1] == _evaluate(schedule, int(counts[-1])):
        return rates
    return np.array([float(_evaluate(schedule, count)) for count in counts.tolist()])


def _evaluate(schedule: Any, counts: Any) -> NDArray[np.float64]:
    return np.asarray(keras.ops.convert_to_numpy(schedule(keras.ops.convert_to_tensor(counts, "int32"))), np.float64)
