"""One model fitted in several ways, in turn: what a callback costs per batch."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

import keras
import numpy as np
from numpy.typing import NDArray

NUM_FEATURES, WIDTH, BATCH_SIZE = 32, 384, 32


def build_model() -> keras.Model:
    """A dense model for samples of `NUM_FEATURES` numbers, always the same."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(WIDTH, activation="relu") for _ in range(4)]
    model = keras.Sequential([keras.Input((NUM_FEATURES,)), *layers, keras.layers.Dense(1)])
    model.compile("adam", loss="mse")
    return model


def seconds_per_batch(
    ways: Mapping[str, Callable[[], list[keras.callbacks.Callback]]], num_steps: int, rounds: int
) -> dict[str, NDArray[np.float64]]:
    """Fits one model per way in turn, so that a slow moment of the machine meets all ways.

    Args:
        ways: By name, what makes the callbacks of a fit.
        num_steps: Batches of a fit.
        rounds: Fits of each way that count; one before them compiles.

    Returns:
        Seconds per batch of each way, shape `[rounds]`.
    """
    x = np.random.default_rng(0).normal(size=(num_steps * BATCH_SIZE, NUM_FEATURES)).astype("float32")
    y = x.sum(axis=1)
    models = {name: build_model() for name in ways}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds + 1):
        for name, callbacks in ways.items():
            gc.collect()
            began = time.perf_counter()
            models[name].fit(x, y, batch_size=BATCH_SIZE, shuffle=False, verbose=0, callbacks=callbacks())
            if round_:
                seconds[name].append((time.perf_counter() - began) / num_steps)
    return {name: np.array(values) for name, values in seconds.items()}
