"""A model whose loss is given: that of a batch is the mean of its targets, whatever the model does."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray


def _given(y_true: Any, y_pred: Any) -> Any:
    return y_true + 0.0 * y_pred


_OPTIMIZERS = {
    "SGD": keras.optimizers.SGD,
    "SGD, momentum 0.9": partial(keras.optimizers.SGD, momentum=0.9),
    "Adagrad": keras.optimizers.Adagrad,
}


def prescribed_model(optimizer: str = "SGD") -> keras.Model:
    """A compiled model that is trained on targets of shape `[n, 1]` with batches of one, by an optimizer of that name."""
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(_OPTIMIZERS[optimizer](), _given)
    return model


def prescribed_data(losses: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Inputs and targets whose losses these are, in order."""
    targets = losses.astype(np.float32)[:, None]
    return np.zeros_like(targets), targets
