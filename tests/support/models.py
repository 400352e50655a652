"""Small models and data for the tests of the callback."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

NUM_SAMPLES, NUM_FEATURES, NUM_CLASSES, BATCH_SIZE = 250, 12, 4, 32
STEPS = -(-NUM_SAMPLES // BATCH_SIZE)  # the last batch is partial: 26 samples


def classification_data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(NUM_SAMPLES, NUM_FEATURES)).astype("float32")
    y = (x @ rng.normal(size=(NUM_FEATURES, NUM_CLASSES))).argmax(axis=1)
    return x, y


def build_model(optimizer: Any = "adam", *, dropout: float = 0.25) -> keras.Model:
    """Everything that hides state: BatchNorm statistics, dropout seeds, the slots of an optimizer."""
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [
            keras.Input((NUM_FEATURES,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(NUM_CLASSES, activation="softmax"),
        ]
    )
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(model: keras.Model, *callbacks: keras.callbacks.Callback, epochs: int = 1, **arguments: Any) -> Any:
    x, y = classification_data()
    options = {"batch_size": BATCH_SIZE, "shuffle": False, "verbose": 0, **arguments}
    return model.fit(x, y, epochs=epochs, callbacks=list(callbacks), **options)


def state_of(model: keras.Model) -> list[np.ndarray]:
    """Weights, BatchNorm statistics, seeds, moments, iterations and learning rate."""
    return [np.array(np.asarray(variable)) for variable in [*model.variables, *model.optimizer.variables]]


def assert_same_state(actual: list[np.ndarray], expected: list[np.ndarray]) -> None:
    assert len(actual) == len(expected)
    for one, other in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(one, other)
