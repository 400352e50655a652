"""The tasks of the benchmark: small Keras models on data that ships with scikit-learn or is generated here.

They differ in what makes a learning rate hard to find: the kind of layer, the scale of inputs and targets, the conditioning,
the noise of labels and of small batches. Every number of samples is a multiple of the batch size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray
from sklearn import datasets

Arrays = tuple[NDArray[np.generic], NDArray[np.generic]]


@dataclass(frozen=True)
class Task:
    """A model, its data and how it is trained: `epochs` over all samples in batches of `batch_size`."""

    name: str
    data: Callable[[], Arrays]
    build: Callable[[], keras.Model]
    loss: str
    batch_size: int
    epochs: int


OPTIMIZERS: dict[str, Callable[[], keras.Optimizer]] = {
    "SGD": lambda: keras.optimizers.SGD(),
    "SGD momentum": lambda: keras.optimizers.SGD(momentum=0.9),
    "Adam": lambda: keras.optimizers.Adam(),
    "AdamW": lambda: keras.optimizers.AdamW(),
    "RMSprop": lambda: keras.optimizers.RMSprop(),
}


def _take(x: NDArray[np.generic], y: NDArray[np.generic], count: int, seed: int = 0) -> Arrays:
    order = np.random.default_rng(seed).permutation(len(x))[:count]
    return np.asarray(x[order], np.float32), y[order]


def _standard(x: NDArray[np.generic]) -> NDArray[np.float32]:
    values = np.asarray(x, np.float64)
    return ((values - values.mean(axis=0)) / (values.std(axis=0) + 1e-12)).astype(np.float32)


def _digits(count: int, scale: float = 1 / 16) -> Arrays:
    bunch = datasets.load_digits()
    x, y = _take(bunch.data * scale, bunch.target, count)
    return x, y.astype(np.int32)


def _digit_images(count: int) -> Arrays:
    x, y = _digits(count)
    return x.reshape(-1, 8, 8, 1), y


def _digit_rows(count: int) -> Arrays:
    x, y = _digits(count)
    return x.reshape(-1, 8, 8), y


def _noisy_digits() -> Arrays:
    x, y = _digits(1280)
    rng = np.random.default_rng(1)
    wrong = rng.random(len(y)) < 0.4
    return x, np.where(wrong, rng.integers(0, 10, len(y)), y).astype(np.int32)


def _autoencoded_digits() -> Arrays:
    x, _ = _digits(1280)
    return x, x


def _noisy_patches() -> Arrays:
    """Patches of a photograph, to be freed of noise."""
    image = datasets.load_sample_images().images[0] / 255.0
    rng = np.random.default_rng(10)
    tops, lefts = rng.integers(0, image.shape[0] - 8, 960), rng.integers(0, image.shape[1] - 8, 960)
    patches = np.stack([image[top : top + 8, left : left + 8] for top, left in zip(tops, lefts, strict=True)])
    return (patches + rng.normal(0, 0.15, patches.shape)).astype(np.float32), patches.astype(np.float32)


def _text() -> Arrays:
    """The descriptions of scikit-learn's data sets, 8 characters at a time, and the one that follows each of them."""
    text = (datasets.load_breast_cancer().DESCR + datasets.load_diabetes().DESCR).lower()
    letters = sorted(set(text))
    codes = np.array([letters.index(letter) % 64 for letter in text], np.int32)
    starts = np.random.default_rng(11).integers(0, len(codes) - 9, 960)
    windows = np.stack([codes[start : start + 9] for start in starts])
    return windows[:, :8], windows[:, 1:]


def _diabetes(scaled: bool) -> Arrays:
    bunch = datasets.load_diabetes()
    x, y = _take(_standard(bunch.data), bunch.target[:, None], 432)
    return x, (_standard(y) if scaled else y.astype(np.float32))


def _houses() -> Arrays:
    """Features and prices in their own units: areas, rooms, years, distances; thousands of money."""
    rng = np.random.default_rng(2)
    area, rooms = rng.lognormal(4.6, 0.4, 960), rng.integers(1, 8, 960)
    year, distance = rng.uniform(1900, 2020, 960), rng.exponential(5.0, 960)
    price = 2.1 * area + 18 * rooms + 0.6 * (year - 1900) - 6 * distance + rng.normal(0, 25, 960)
    return np.stack([area, rooms, year, distance], axis=1).astype(np.float32), price[:, None].astype(np.float32)


def _friedman() -> Arrays:
    x, y = datasets.make_friedman1(1024, noise=1.0, random_state=3)
    return _standard(x), _standard(y[:, None])


def _series() -> Arrays:
    """A baseline, a slope, a yearly season and noise, in windows of 20 days that predict the next one."""
    day = np.arange(4 * 365 + 1)
    season = np.where(day % 365 < 146, np.cos(day % 365 / 365 * 2 * np.pi), 1 / np.exp(3 * (day % 365) / 365))
    values = 10 + 0.09 * day + 20 * season + np.random.default_rng(42).normal(0, 5, day.size)
    windows = np.lib.stride_tricks.sliding_window_view(values, 21)[:960].astype(np.float32)
    return windows[:, :20], windows[:, 20:]


def _parity_like_sequences() -> Arrays:
    """Which of two symbols came first: something to remember over ten noisy steps."""
    rng = np.random.default_rng(4)
    x = rng.normal(0, 0.5, (960, 10, 3)).astype(np.float32)
    y = rng.integers(0, 2, 960)
    x[np.arange(960), rng.integers(0, 4, 960), y] += 2.0
    x[np.arange(960), rng.integers(4, 8, 960), 1 - y] += 2.0
    return x, y.astype(np.float32)[:, None]


def _waves() -> Arrays:
    rng = np.random.default_rng(5)
    time = np.arange(13)
    frequency, phase = rng.uniform(0.2, 1.2, (960, 1)), rng.uniform(0, 6.3, (960, 1))
    values = (np.sin(frequency * time + phase) + rng.normal(0, 0.1, (960, 13))).astype(np.float32)
    return values[:, :12, None], values[:, 12:]


def _documents() -> Arrays:
    """Bags of 12 words out of 400, most of them rare; four topics prefer words of their own."""
    rng = np.random.default_rng(6)
    topic = rng.integers(0, 4, 960)
    rank = np.arange(1, 401)
    weights = np.stack([np.where(rank % 4 == one, 4.0, 1.0) / rank for one in range(4)])
    weights /= weights.sum(axis=1, keepdims=True)
    words = np.stack([rng.choice(400, 12, p=weights[one]) for one in topic])
    return words.astype(np.int32), topic.astype(np.int32)


def _ill_conditioned() -> Arrays:
    rng = np.random.default_rng(7)
    scales = np.geomspace(3.0, 0.03, 20)
    x = rng.normal(0, 1, (960, 20)) * scales
    y = x @ (rng.normal(0, 1, 20) / np.sqrt(scales)) + rng.normal(0, 0.1, 960)
    return x.astype(np.float32), y[:, None].astype(np.float32)


def _cancer(count: int) -> Arrays:
    bunch = datasets.load_breast_cancer()
    x, y = _take(_standard(bunch.data), bunch.target[:, None], count)
    return x, y.astype(np.float32)


def _moons() -> Arrays:
    x, y = datasets.make_moons(960, noise=0.15, random_state=8)
    return x.astype(np.float32), y[:, None].astype(np.float32)


def _circles() -> Arrays:
    x, y = datasets.make_circles(960, noise=0.05, factor=0.6, random_state=9)
    return x.astype(np.float32), y[:, None].astype(np.float32)


def _wine() -> Arrays:
    bunch = datasets.load_wine()
    x, y = _take(_standard(bunch.data), bunch.target, 176)
    return x, y.astype(np.int32)


def _dense(inputs: int, hidden: tuple[int, ...], outputs: int, last: str | None, activation: str = "relu"):
    def build() -> keras.Model:
        inner = [layers.Dense(units, activation=activation) for units in hidden]
        return keras.Sequential([keras.Input((inputs,)), *inner, layers.Dense(outputs, activation=last)])

    return build


def _conv(batch_norm: bool) -> Callable[[], keras.Model]:
    def build() -> keras.Model:
        model = keras.Sequential([keras.Input((8, 8, 1))])
        for filters in (8, 16):
            model.add(layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=not batch_norm))
            if batch_norm:
                model.add(layers.BatchNormalization(momentum=0.9))
            model.add(layers.Activation("relu"))
        model.add(layers.Flatten())
        model.add(layers.Dense(10, activation="softmax"))
        return model

    return build


def _attention() -> keras.Model:
    tokens = inputs = keras.Input((8, 8))
    tokens = layers.Dense(16)(tokens)
    attended = layers.MultiHeadAttention(2, 8)(tokens, tokens)
    tokens = layers.LayerNormalization()(tokens + attended)
    tokens = layers.LayerNormalization()(tokens + layers.Dense(16)(layers.Dense(32, activation="gelu")(tokens)))
    outputs = layers.Dense(10, activation="softmax")(layers.Flatten()(tokens))
    return keras.Model(inputs, outputs)


def _dropout() -> keras.Model:
    inner = [
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.5),
    ]
    return keras.Sequential([keras.Input((64,)), *inner, layers.Dense(10, activation="softmax")])


def _denoiser() -> keras.Model:
    inner = layers.Conv2D(12, 3, strides=2, padding="same", activation="relu")
    return keras.Sequential([keras.Input((8, 8, 3)), inner, layers.Conv2DTranspose(3, 3, strides=2, padding="same")])


def _language_model() -> keras.Model:
    inputs = keras.Input((8,), dtype="int32")
    tokens = layers.Embedding(64, 16)(inputs) + layers.Embedding(8, 16)(np.arange(8))
    normal = layers.LayerNormalization()(tokens)
    tokens = tokens + layers.MultiHeadAttention(2, 8)(normal, normal, use_causal_mask=True)
    hidden = layers.Dense(32, activation="gelu")(layers.LayerNormalization()(tokens))
    tokens = tokens + layers.Dense(16)(hidden)
    return keras.Model(inputs, layers.Dense(64, activation="softmax")(layers.LayerNormalization()(tokens)))


def _residual() -> keras.Model:
    inputs = keras.Input((10,))
    features = layers.Dense(24)(inputs)
    for _ in range(3):
        features = features + layers.Dense(24)(
            layers.Dense(24, activation="relu")(layers.LayerNormalization()(features))
        )
    return keras.Model(inputs, layers.Dense(1)(features))


def _recurrent(layer: Callable[[], keras.Layer], shape: tuple[int, int], last: str | None) -> Callable[[], keras.Model]:
    return lambda: keras.Sequential([keras.Input(shape), layer(), layers.Dense(1, activation=last)])


def _bag_of_words() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((12,), dtype="int32"),
            layers.Embedding(400, 16),
            layers.GlobalAveragePooling1D(),
            layers.Dense(4, activation="softmax"),
        ]
    )


_CLASSES, _BINARY, _MSE = "sparse_categorical_crossentropy", "binary_crossentropy", "mean_squared_error"

TASKS = {
    task.name: task
    for task in (
        Task("digits", lambda: _digits(1280), _dense(64, (64,), 10, "softmax"), _CLASSES, 32, 16),
        Task("digits, batches of 2", lambda: _digits(640), _dense(64, (32,), 10, "softmax"), _CLASSES, 2, 5),
        Task("digits, batch of 256", lambda: _digits(1280), _dense(64, (32,), 10, "softmax"), _CLASSES, 256, 64),
        Task("digits, unscaled", lambda: _digits(1280, 1.0), _dense(64, (32,), 10, "softmax"), _CLASSES, 32, 16),
        Task("digits, noisy labels", _noisy_digits, _dense(64, (64, 32), 10, "softmax"), _CLASSES, 32, 16),
        Task("digits, convolutions", lambda: _digit_images(1280), _conv(False), _CLASSES, 32, 16),
        Task("digits, batch norm", lambda: _digit_images(1280), _conv(True), _CLASSES, 32, 16),
        Task("digits, attention", lambda: _digit_rows(1280), _attention, _CLASSES, 32, 13),
        Task("digits, autoencoder", _autoencoded_digits, _dense(64, (32, 8, 32), 64, "sigmoid"), _MSE, 32, 16),
        Task("digits, dropout", lambda: _digits(1280), _dropout, _CLASSES, 64, 24),
        Task("patches, denoised", _noisy_patches, _denoiser, _MSE, 16, 10),
        Task("text, next character", _text, _language_model, _CLASSES, 16, 10),
        Task("diabetes, raw", lambda: _diabetes(False), _dense(10, (32, 32), 1, None), _MSE, 16, 24),
        Task("diabetes, scaled", lambda: _diabetes(True), _dense(10, (32, 32), 1, None), _MSE, 16, 24),
        Task("houses, raw", _houses, _dense(4, (32, 32), 1, None), _MSE, 32, 22),
        Task("friedman, residual", _friedman, _residual, _MSE, 32, 19),
        Task("series, windows", _series, _dense(20, (10, 10), 1, None), _MSE, 32, 22),
        Task(
            "order, GRU",
            _parity_like_sequences,
            _recurrent(lambda: layers.GRU(12), (10, 3), "sigmoid"),
            _BINARY,
            32,
            19,
        ),
        Task("waves, LSTM", _waves, _recurrent(lambda: layers.LSTM(12), (12, 1), None), _MSE, 32, 19),
        Task("documents, embedding", _documents, _bag_of_words, _CLASSES, 16, 13),
        Task("linear, ill-conditioned", _ill_conditioned, _dense(20, (), 1, None), _MSE, 32, 22),
        Task("cancer, full batch", lambda: _cancer(512), _dense(30, (16,), 1, "sigmoid"), _BINARY, 512, 480),
        Task("moons, deep tanh", _moons, _dense(2, (16, 16, 16, 16), 1, "sigmoid", "tanh"), _BINARY, 16, 13),
        Task("circles, small", _circles, _dense(2, (4, 4), 1, "sigmoid"), _BINARY, 32, 22),
        Task("wine, logistic", _wine, _dense(13, (), 3, "softmax"), _CLASSES, 8, 32),
    )
}
