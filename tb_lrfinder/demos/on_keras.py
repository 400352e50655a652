"""The demo in Keras: a small CNN on real digits, a range test with each of two optimizers."""

from __future__ import annotations

from pathlib import Path

import keras
from sklearn.datasets import load_digits

from tb_lrfinder import LRFinder

# An optimizer belongs to one model: these make new ones.
OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(),
    "sgd_momentum": lambda: keras.optimizers.SGD(momentum=0.9),
}


def build_model(optimizer: keras.optimizers.Optimizer) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    return model


def main(log_dir: str | Path, num_steps: int = 400) -> dict[str, LRFinder]:
    """Runs one range test per optimizer, each a run under `log_dir`; returns the finders by name."""
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8, 1) / 16.0
    finders = {}
    for name, make_optimizer in OPTIMIZERS.items():
        keras.utils.set_random_seed(0)
        finder = LRFinder(Path(log_dir) / name, num_steps=num_steps)
        epochs = -(-num_steps // -(-len(images) // 32))
        build_model(make_optimizer()).fit(images, labels, batch_size=32, epochs=epochs, verbose=0, callbacks=[finder])
        finders[name] = finder
    return finders
