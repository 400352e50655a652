"""A second look at a training, by other means than ours."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


class Witness(keras.callbacks.Callback):
    """Trains with given rates and takes the loss of each batch out of Keras' running mean, in float64."""

    def __init__(self, rates: list[float] | None) -> None:
        super().__init__()
        self.rates = rates
        self.losses: list[float] = []
        self._before = np.zeros(2)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._before = np.zeros(2)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self.rates is not None:
            optimizer = self.model.optimizer
            for part in getattr(optimizer, "optimizers", [optimizer]):
                part.learning_rate = self.rates[len(self.losses)]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        model = self.model
        tracker = model.metrics[0]
        seen = np.array([float(np.asarray(one)) for one in (tracker.total, tracker.count)])
        total, count = seen - self._before
        self.losses.append(total / count)
        self._before = seen
        if self.rates is not None and len(self.losses) == len(self.rates):
            model.stop_training = True
