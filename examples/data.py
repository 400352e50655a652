"""The data of the examples: what Keras downloads, or where there is no network what ships with scikit-learn."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_diabetes, load_digits

# What Keras downloads, and what takes its place.
STAND_INS = {"mnist": "digits", "fashion_mnist": "digits", "cifar10": "digits", "boston_housing": "diabetes"}
TABLES = ("diabetes", "boston_housing")
IMAGES = ("digits", "mnist", "fashion_mnist", "cifar10")


def load(name: str) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Inputs and targets to train on, then to validate with.

    Inputs are images `[n, height, width, channels]` from 0 to 1, or standardised tables `[n, columns]`.
    """
    if name in STAND_INS:
        try:
            (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
        except Exception as error:  # Keras raises no other kind when it finds no network
            print(f"{name} cannot be had, {STAND_INS[name]} from scikit-learn takes its place. ({error})")
            return load(STAND_INS[name])
    else:
        x, y = (load_digits if name == "digits" else load_diabetes)(return_X_y=True)
        order = np.random.default_rng(0).permutation(len(x))
        train, test = np.split(order, [3 * len(x) // 4])
        x, y, x_test, y_test = x[train], y[train], x[test], y[test]
    if name in TABLES:
        shift, scale = x.mean(axis=0), x.std(axis=0)
    else:
        shift, scale = 0.0, x.max()
        channels = 3 if name == "cifar10" else 1
        side = round((x[0].size / channels) ** 0.5)
        x, x_test = (images.reshape(-1, side, side, channels) for images in (x, x_test))
    return (x - shift) / scale, y.ravel(), (x_test - shift) / scale, y_test.ravel()
