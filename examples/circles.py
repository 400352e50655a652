"""A sweep epoch by epoch on two circles, then trainings at the rate it suggests beside trainings at a customary 0.01.

    python -m examples.circles

Where TensorFlow is the back end, Keras' own callback writes the accuracy into the run of the sweep; the Schedules view can
lay it over the learning rate.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np
from sklearn.datasets import make_circles

from tb_lrfinder import Curve, LRRecorder, suggest

SMALL = {"sweep_epochs": 30, "epochs": 15, "starts": 3}


def build_model(learning_rate: float, seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    hidden = [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(4, activation="relu")]
    model = keras.Sequential([keras.Input((2,)), *hidden, keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(learning_rate), "binary_crossentropy", metrics=["accuracy"])
    return model


def main(log_dir: str | Path, sweep_epochs: int = 100, epochs: int = 20, starts: int = 5) -> dict[str, float]:
    """Sweeps, then trains from several starts; returns the rates, and mean accuracies on points not trained on."""
    points, labels = make_circles(1000, noise=0.03, random_state=42)
    x, y, x_test, y_test = points[:800], labels[:800], points[800:], labels[800:]

    run = Path(log_dir) / "sweep"
    sweep = keras.callbacks.LearningRateScheduler(lambda epoch: 1e-4 * 10 ** (5 * epoch / sweep_epochs))
    callbacks = [sweep, LRRecorder(run)]
    if keras.backend.backend() == "tensorflow":
        callbacks.append(keras.callbacks.TensorBoard(run, write_graph=False))
    history = build_model(1e-4, seed=42).fit(x, y, epochs=sweep_epochs, verbose=0, callbacks=callbacks).history
    updates = len(x) // 32  # of an epoch, in batches of fit's own size
    curve = Curve(history["learning_rate"], history["loss"], optimizer="Adam", updates_per_point=updates)
    suggestion = suggest(curve)
    if suggestion.learning_rate is None:
        raise SystemExit(suggestion.reason)

    def accuracy(name: str, learning_rate: float) -> float:
        reached = []
        for seed in range(starts):
            model, recorder = build_model(learning_rate, seed), LRRecorder(Path(log_dir) / f"{name}_{seed}")
            model.fit(x, y, epochs=epochs, verbose=0, callbacks=[recorder])
            reached.append(model.evaluate(x_test, y_test, verbose=0, return_dict=True)["accuracy"])
        return float(np.mean(reached))

    return {
        "suggested_rate": suggestion.learning_rate,
        "tenth_of_bottom": float(curve.learning_rates[curve.losses.argmin()]) / 10,
        "accuracy": accuracy("suggested", suggestion.learning_rate),
        "accuracy_at_0.01": accuracy("fixed", 0.01),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A sweep by epochs on two circles, recorded by LRRecorder.")
    parser.add_argument("--log-dir", default="logs/circles")
    parser.add_argument("--small", action="store_true", help="few epochs, to see it run")
    arguments = parser.parse_args()
    print(main(arguments.log_dir, **(SMALL if arguments.small else {})))
