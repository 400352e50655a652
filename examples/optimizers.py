"""SGD and Adam in one chart: range tests of a CNN with each, from two starts, in one log directory.

    python -m examples.optimizers --data digits
    python -m examples.optimizers --data mnist --num-steps 1200

Where a plot of the *change* of the loss is lowest, the loss falls fastest: `suggest(curve, "steepest")`, and the method
*Steepest* in the tab's menu.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
from keras import layers

from examples import data
from tb_lrfinder import range_test, suggest

OPTIMIZERS = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
SMALL = {"num_steps": 40}


def build_model(shape: tuple[int, ...]) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def main(log_dir: str | Path, data_set: str = "digits", num_steps: int = 300) -> dict[str, dict[str, float | None]]:
    """By run, the lowest loss of a batch, and the rates at which the loss fell fastest and that are suggested.

    Five epochs of MNIST in batches of 250 are 1200 steps; the digits would be known by heart long before.
    """
    x, y, *_ = data.load(data_set)
    figures = {}
    for seed in (1, 2):
        for optimizer, make_optimizer in OPTIMIZERS.items():
            run = f"{optimizer}_{seed}"
            keras.utils.set_random_seed(seed)
            model = build_model(x.shape[1:])
            model.compile(make_optimizer(), "sparse_categorical_crossentropy")
            sweep = {"start_lr": 1e-4, "end_lr": 1.0, "num_steps": num_steps, "batch_size": 250}
            result = range_test(model, x, y, log_dir=Path(log_dir) / run, verbose=0, **sweep)
            figures[run] = {
                "lowest_loss": float(result.curve.losses.min()),
                "steepest": suggest(result.curve, "steepest").learning_rate,
                "suggested_rate": result.suggestion.learning_rate,
            }
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Range tests with SGD and with Adam.")
    parser.add_argument("--log-dir", default="logs/optimizers")
    parser.add_argument("--data", choices=data.IMAGES, default="digits")
    parser.add_argument("--num-steps", type=int, default=300)
    arguments = parser.parse_args()
    for run, figures in main(arguments.log_dir, arguments.data, arguments.num_steps).items():
        print(run, figures)
