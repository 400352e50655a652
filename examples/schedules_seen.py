"""Schedules as they were planned, and as trainings really used them.

    python -m examples.schedules_seen

Each training is a run with the recorded rate; below it lie `plan` and, where TensorFlow is the back end, `train` and
`validation` of Keras' own callback. The Schedules view draws plan and training on top of each other.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import keras
from keras.optimizers.schedules import CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PolynomialDecay

from examples import data
from tb_lrfinder import LRRecorder, plan
from tb_lrfinder.schedules import Cyclical, StepDecay

SMALL = {"epochs": 5}


def up_and_down(epoch: int) -> float:
    """A function of one's own: three epochs up in a line, then down with the square root."""
    return 0.1 * min((epoch + 1) / 3, (3 / (epoch + 1)) ** 0.5)


def make_schedules(steps: int) -> dict[str, Any]:
    """For a training of so many steps: schedules for an optimizer, and callbacks that set the rate."""
    third = steps // 3
    return {
        "step_decay": StepDecay(0.1, decay_steps=third, decay_rate=0.5),
        "exponential_decay": ExponentialDecay(0.1, decay_steps=third, decay_rate=0.5),
        "inverse_time_decay": InverseTimeDecay(0.1, decay_steps=third, decay_rate=1.0),
        "linear_decay": PolynomialDecay(0.1, decay_steps=steps, end_learning_rate=0.001),
        "triangular": Cyclical(0.001, 0.1, step_size=third // 2),
        "cosine_restarts": CosineDecayRestarts(0.1, first_decay_steps=third, t_mul=1.0),
        "own_function": keras.callbacks.LearningRateScheduler(up_and_down),
        "reduce_on_plateau": keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=1),
    }


def train(run: Path, schedule: Any, epochs: int) -> float:
    """Trains with a schedule or such a callback; returns the accuracy on validation data."""
    x, y, x_test, y_test = data.load("digits")
    callbacks: list[keras.callbacks.Callback] = [LRRecorder(run)]
    if keras.backend.backend() == "tensorflow":
        callbacks.append(keras.callbacks.TensorBoard(run, write_graph=False))
    rate = schedule
    if isinstance(schedule, keras.callbacks.Callback):
        rate = 0.1
        callbacks.append(schedule)
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Flatten(), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile(keras.optimizers.SGD(rate, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    fit = model.fit(x, y, epochs=epochs, verbose=0, callbacks=callbacks, validation_data=(x_test, y_test))
    return fit.history["val_accuracy"][-1]


def main(log_dir: str | Path, epochs: int = 30) -> dict[str, float]:
    """Plans each schedule and trains with it; returns by name the accuracy on validation data at the end."""
    steps_per_epoch = -(-len(data.load("digits")[0]) // 32)
    accuracies = {}
    for name, schedule in make_schedules(epochs * steps_per_epoch).items():
        run = Path(log_dir) / name
        # What a plateau will do, nobody knows before.
        if not isinstance(schedule, keras.callbacks.ReduceLROnPlateau):
            plan(schedule, epochs * steps_per_epoch, run / "plan", steps_per_epoch=steps_per_epoch)
        accuracies[name] = train(run, schedule, epochs)
    return accuracies


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Schedules as planned, and as trainings used them.")
    parser.add_argument("--log-dir", default="logs/schedules_seen")
    parser.add_argument("--small", action="store_true", help="few epochs, to see it run")
    arguments = parser.parse_args()
    print(main(arguments.log_dir, **(SMALL if arguments.small else {})))
