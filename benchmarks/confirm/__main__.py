"""What the short trainings of `range_test(confirm=...)` take, beside one sweep.

    python -m benchmarks.confirm                      # KERAS_BACKEND=jax or torch for the other back ends

A small dense model and a middling convolutional one. One range test without short trainings, with five and with nine, in
turn within each round. The models have been trained before, so that the train step is compiled.

Prints, as a table in Markdown, medians over the rounds and what the short trainings add, in sweeps of the same round.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from tb_lrfinder import range_test

BATCH_SIZE, NUM_BATCHES, NUM_CLASSES = 32, 50, 10
_COUNTS = {"one sweep": 0, "`confirm=5`": 5, "`confirm=9`": 9}


def dense() -> keras.Model:
    """Two layers of 64, on 32 numbers."""
    return keras.Sequential(
        [keras.Input((32,)), *(layers.Dense(64, activation="relu") for _ in range(2)), layers.Dense(NUM_CLASSES)]
    )


def convolutional() -> keras.Model:
    """Six convolutions with normalisation and dropout, 70,000 weights, on images of 16 by 16 pixels."""
    x = inputs = keras.Input((16, 16, 3))
    for filters in (16, 32, 64):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D()(x)
    return keras.Model(inputs, layers.Dense(NUM_CLASSES)(layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))))


MODELS: dict[str, Callable[[], keras.Model]] = {"dense": dense, "convolutional": convolutional}


def data_for(model: keras.Model) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Noise around one point for each class."""
    rng = np.random.default_rng(0)
    shape = model.input_shape[1:]
    labels = rng.integers(0, NUM_CLASSES, NUM_BATCHES * BATCH_SIZE)
    centres = rng.normal(size=(NUM_CLASSES, *shape))
    return (centres[labels] + 2 * rng.normal(size=(labels.size, *shape))).astype("float32"), labels


def seconds_of(model: keras.Model, num_steps: int, rounds: int) -> dict[str, NDArray[np.float64]]:
    """Seconds of each way, shape `[rounds]`."""
    x, y = data_for(model)
    seconds: dict[str, list[float]] = {name: [] for name in _COUNTS}
    model.fit(x, y, batch_size=BATCH_SIZE, verbose=0)
    for _ in range(rounds):
        for name, count in _COUNTS.items():
            began = time.perf_counter()
            range_test(model, x, y, num_steps=num_steps, confirm=count, batch_size=BATCH_SIZE, verbose=0)
            seconds[name].append(time.perf_counter() - began)
    return {name: np.array(values) for name, values in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what short trainings take beside one sweep.")
    parser.add_argument("--num-steps", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", choices=MODELS, action="append", help="All, if none is named.")
    arguments = parser.parse_args()
    rounds, num_steps = arguments.rounds, arguments.num_steps
    print(f"Back end {keras.backend.backend()}, Keras {keras.__version__}, {rounds} rounds of {num_steps} steps.\n")
    print("| model | | seconds | added, in sweeps |\n|---|---|---:|---:|")
    for name in arguments.model or MODELS:
        keras.utils.set_random_seed(0)
        model = MODELS[name]()
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        seconds = seconds_of(model, num_steps, rounds)
        sweep = seconds["one sweep"]
        for way, values in seconds.items():
            added = "" if values is sweep else f"{np.median((values - sweep) / sweep):.2f}"
            print(f"| {name} | {way} | {np.median(values):.2f} | {added} |", flush=True)


if __name__ == "__main__":
    main()
