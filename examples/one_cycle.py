"""A range test, 1cycle up to the peak that it suggests, and beside it constant rates for three times as many epochs.

    python -m examples.one_cycle --data digits

Images go through a small CNN, tables through a dense network; the optimizer is plain SGD.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import keras
from keras import layers

from examples import data
from tb_lrfinder import LRRecorder, range_test
from tb_lrfinder.schedules import OneCycle

SMALL = {"epochs": 9, "num_steps": 100}


def build_model(shape: tuple[int, ...], learning_rate: Any) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(shape)])
    if len(shape) == 3:
        parts = [layers.Conv2D(32, 3, activation="relu"), layers.Conv2D(64, 3, activation="relu")]
        parts += [layers.MaxPooling2D(), layers.Flatten(), layers.Dense(128, activation="relu")]
        parts += [layers.Dense(10, activation="softmax")]
        loss, metric = "sparse_categorical_crossentropy", keras.metrics.SparseCategoricalAccuracy(name="result")
    else:
        parts = [layers.Dense(64, activation="relu"), layers.Dense(64, activation="relu"), layers.Dense(1)]
        loss, metric = "mse", keras.metrics.RootMeanSquaredError(name="result")
    for part in parts:
        model.add(part)
    model.compile(keras.optimizers.SGD(learning_rate), loss, metrics=[metric])
    return model


def main(log_dir: str | Path, data_set: str = "digits", epochs: int = 30, num_steps: int = 300) -> dict[str, float]:
    """Returns the rates, what each training ended with on validation data, and in which epoch 1cycle first had as much.

    That is the accuracy of images, the root mean square error of tables.
    """
    x, y, x_test, y_test = data.load(data_set)
    shape = x.shape[1:]
    run = Path(log_dir) / "range_test"
    test = range_test(build_model(shape, 0.01), x, y, log_dir=run, start_lr=1e-6, end_lr=10, num_steps=num_steps)
    rate, peak = test.suggestion.learning_rate, test.suggestion.one_cycle_peak
    if rate is None or peak is None:
        raise SystemExit(test.suggestion.reason)

    def train(run: str, learning_rate: Any, epochs: int) -> list[float]:
        model, recorder = build_model(shape, learning_rate), LRRecorder(Path(log_dir) / run)
        fit = model.fit(x, y, epochs=epochs, verbose=0, callbacks=[recorder], validation_data=(x_test, y_test))
        return fit.history["val_result"]

    # Smith's shape: up in a straight line from a tenth of the peak, down again, and a last tenth far below.
    total_steps = epochs // 3 * -(-len(x) // 32)
    smith = {"warmup_share": 0.45, "start_divisor": 10.0, "end_divisor": 1e4, "annihilation_share": 0.1}
    one_cycle = train("one_cycle", OneCycle(peak, total_steps, shape="linear", **smith), epochs // 3)
    constant = train("constant", rate, epochs)
    default = train("default", 0.01, epochs)  # Keras' own rate for SGD

    def first_epoch(goal: float) -> float:
        sign = 1 if len(shape) == 3 else -1
        return next((i for i, result in enumerate(one_cycle, start=1) if sign * result >= sign * goal), math.inf)

    return {
        "constant_rate": rate,
        "peak": peak,
        "one_cycle": one_cycle[-1],
        "constant": constant[-1],
        "default": default[-1],
        "epochs_to_constant": first_epoch(constant[-1]),
        "epochs_to_default": first_epoch(default[-1]),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="1cycle against constant rates.")
    parser.add_argument("--log-dir", default="logs/one_cycle")
    parser.add_argument("--data", choices=[*data.IMAGES, *data.TABLES], default="digits")
    parser.add_argument("--small", action="store_true", help="few epochs, to see it run")
    arguments = parser.parse_args()
    print(main(arguments.log_dir, arguments.data, **(SMALL if arguments.small else {})))
