"""What a recording says of who sets the rate: known, or found out, or nothing."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from tb_lrfinder import LRRecorder
from tests.support.recorded import recorded

SAMPLES = np.ones((24, 1)), np.ones(24)


class Looks(keras.callbacks.Callback):
    """Acts on batches, and leaves the rate alone."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        float(self.model.optimizer.learning_rate)


class LooksAtEpochs(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        float(self.model.optimizer.learning_rate)


class WarmsUp(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 0.001 * (1 + batch)


class LowersAtEpochs(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 0.01 / (2 + epoch)


class SetsInItsStep(keras.Sequential):
    """A model that sets its rate itself."""

    def train_step(self, *data: Any) -> Any:
        return super().train_step(*data)


def plateau() -> keras.callbacks.Callback:
    return keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=1e9)


# Callbacks of a fit, and what is said of them.
DRIVERS: dict[str, tuple[list[Any], str | None]] = {
    "nobody": ([], None),
    "one that looks on": ([Looks()], None),
    "one that looks on, at epochs": ([LooksAtEpochs()], None),
    "one that sets the rate of batches": ([WarmsUp()], "WarmsUp"),
    "one that sets the rate of epochs": ([LowersAtEpochs()], "LowersAtEpochs"),
    "one that might have been another": ([WarmsUp(), Looks()], None),
    "one of epochs that might have been another": ([LowersAtEpochs(), Looks()], None),
    "one of batches beside one of epochs": ([WarmsUp(), LooksAtEpochs()], "WarmsUp"),
    "Keras' own": ([plateau()], "ReduceLROnPlateau"),
    "Keras' own beside one that looks on": ([plateau(), Looks()], "ReduceLROnPlateau"),
    "Keras' own beside one of epochs": ([plateau(), LowersAtEpochs()], "ReduceLROnPlateau"),
    "Keras' own beside one of batches": ([plateau(), WarmsUp()], "ReduceLROnPlateau and WarmsUp"),
    "a logger of Keras": ([keras.callbacks.TerminateOnNaN()], None),
}


def driver_of_a_fit(log_dir: Any, *callbacks: Any, kind: Any = keras.Sequential) -> str | None:
    model = kind([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(*SAMPLES, batch_size=4, epochs=3, verbose=0, callbacks=[*callbacks, LRRecorder(log_dir)])
    (trace,), _ = recorded(log_dir)
    assert trace.header is not None
    return trace.header.driver


@pytest.mark.parametrize("name", DRIVERS)
def test_who_sets_the_rate_is_said_where_it_is_known(tmp_path, name):
    callbacks, driver = DRIVERS[name]
    assert driver_of_a_fit(tmp_path, *callbacks) == driver


def test_where_the_model_may_set_its_rate_itself_nobody_is_named(tmp_path):
    assert driver_of_a_fit(tmp_path, WarmsUp(), kind=SetsInItsStep) is None
