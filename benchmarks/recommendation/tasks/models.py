"""The models of the tasks, small enough that many of them train side by side."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import layers, ops

Build = Callable[[], keras.Model]


def dense(
    inputs: int,
    hidden: tuple[int, ...],
    outputs: int,
    last: str | None = None,
    activation: str = "relu",
    drop: float = 0.0,
) -> Build:
    def build() -> keras.Model:
        model = keras.Sequential([keras.Input((inputs,))])
        for units in hidden:
            model.add(layers.Dense(units, activation=activation))
            if drop:
                model.add(layers.Dropout(drop))
        model.add(layers.Dense(outputs, activation=last))
        return model

    return build


def dense_residual(inputs: int, width: int = 24, blocks: int = 3) -> Build:
    def build() -> keras.Model:
        given = keras.Input((inputs,))
        features = layers.Dense(width)(given)
        for _ in range(blocks):
            inner = layers.Dense(width, activation="relu")(layers.LayerNormalization()(features))
            features = features + layers.Dense(width)(inner)
        return keras.Model(given, layers.Dense(1)(features))

    return build


# Pictures ----------------------------------------------------------------------------------------------------------------


def convolutions(batch_norm: bool, classes: int = 10) -> Build:
    def build() -> keras.Model:
        model = keras.Sequential([keras.Input((8, 8, 1))])
        for filters in (8, 16):
            model.add(layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=not batch_norm))
            if batch_norm:
                model.add(layers.BatchNormalization(momentum=0.9))
            model.add(layers.Activation("relu"))
        model.add(layers.Flatten())
        model.add(layers.Dense(classes, activation="softmax"))
        return model

    return build


def residual_net(shape: tuple[int, int, int], classes: int, normal: Callable[[], keras.Layer]) -> Build:
    """Two residual blocks, normalised as `normal` says, over a stem that halves the picture."""

    def build() -> keras.Model:
        given = keras.Input(shape)
        features = layers.Conv2D(12, 3, strides=2, padding="same", use_bias=False)(given)
        for _ in range(2):
            inner = layers.Activation("relu")(normal()(features))
            inner = layers.Conv2D(12, 3, padding="same", use_bias=False)(inner)
            inner = layers.Activation("relu")(normal()(inner))
            features = features + layers.Conv2D(12, 3, padding="same", use_bias=False)(inner)
        pooled = layers.GlobalAveragePooling2D()(layers.Activation("relu")(normal()(features)))
        return keras.Model(given, layers.Dense(classes, activation="softmax")(pooled))

    return build


def separable(shape: tuple[int, int, int], classes: int) -> Build:
    return lambda: keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.SeparableConv2D(16, 3, padding="same", activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(classes, activation="softmax"),
        ]
    )


def picture_to_picture(filters: int = 12) -> Build:
    return lambda: keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(3, 3, strides=2, padding="same"),
        ]
    )


def picture_autoencoder() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="elu"),
            layers.Conv2D(4, 3, strides=2, padding="same", activation="elu"),
            layers.Conv2DTranspose(8, 3, strides=2, padding="same", activation="elu"),
            layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="sigmoid"),
        ]
    )


class Sampled(keras.Layer):
    """The middle of a variational autoencoder (arXiv:1312.6114): a sample, and beside it its divergence."""

    def __init__(self, units: int, weight: float) -> None:
        super().__init__()
        self._mean, self._log_variance = layers.Dense(units), layers.Dense(units)
        self._seeds = keras.random.SeedGenerator(0)
        self._weight = weight

    def build(self, input_shape: tuple[int, ...]) -> None:
        self._mean.build(input_shape)
        self._log_variance.build(input_shape)

    def call(self, inputs, training=None):
        mean, log_variance = self._mean(inputs), ops.clip(self._log_variance(inputs), -8.0, 8.0)
        divergence = -0.5 * ops.mean(
            1 + log_variance - ops.square(mean) - ops.exp(log_variance), axis=-1, keepdims=True
        )
        noise = keras.random.normal(ops.shape(mean), seed=self._seeds) if training else 0.0
        return ops.concatenate([mean + noise * ops.exp(0.5 * log_variance), self._weight * divergence], axis=-1)


def variational_autoencoder() -> keras.Model:
    """The last column of its output is the divergence, which the loss adds."""
    given = keras.Input((64,))
    hidden = Sampled(6, 0.02)(layers.Dense(32, activation="relu")(given))
    decoded = layers.Dense(64, activation="sigmoid")(layers.Dense(32, activation="relu")(hidden[:, :6]))
    return keras.Model(given, layers.Concatenate()([decoded, hidden[:, 6:]]))


# Sequences ---------------------------------------------------------------------------------------------------------------


def recurrent(
    layer: Callable[[], keras.Layer], shape: tuple[int, int], outputs: int = 1, last: str | None = None
) -> Build:
    return lambda: keras.Sequential([keras.Input(shape), layer(), layers.Dense(outputs, activation=last)])


def attention() -> keras.Model:
    tokens = inputs = keras.Input((8, 8))
    tokens = layers.Dense(16)(tokens)
    attended = layers.MultiHeadAttention(2, 8)(tokens, tokens)
    tokens = layers.LayerNormalization()(tokens + attended)
    tokens = layers.LayerNormalization()(tokens + layers.Dense(16)(layers.Dense(32, activation="gelu")(tokens)))
    outputs = layers.Dense(10, activation="softmax")(layers.Flatten()(tokens))
    return keras.Model(inputs, outputs)


def language_model(
    length: int, letters: int = 64, width: int = 16, blocks: int = 1, normal_first: bool = True
) -> Build:
    """A transformer that predicts the next of `letters`, normalised before each part of a block or after it."""

    def build() -> keras.Model:
        inputs = keras.Input((length,), dtype="int32")
        tokens = layers.Embedding(letters, width)(inputs) + layers.Embedding(length, width)(np.arange(length))
        for _ in range(blocks):
            normal = layers.LayerNormalization()(tokens) if normal_first else tokens
            tokens = tokens + layers.MultiHeadAttention(2, width // 2)(normal, normal, use_causal_mask=True)
            tokens = normal = layers.LayerNormalization()(tokens) if not normal_first else tokens
            normal = layers.LayerNormalization()(tokens) if normal_first else tokens
            tokens = tokens + layers.Dense(width)(layers.Dense(2 * width, activation="gelu")(normal))
            tokens = tokens if normal_first else layers.LayerNormalization()(tokens)
        tokens = layers.LayerNormalization()(tokens) if normal_first else tokens
        return keras.Model(inputs, layers.Dense(letters, activation="softmax")(tokens))

    return build


def series_net() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((24, 1)),
            layers.Conv1D(12, 5, strides=2, activation="relu"),
            layers.Conv1D(12, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )


def wave_net() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((32, 1)),
            *(layers.Conv1D(12, 3, dilation_rate=rate, padding="same", activation="tanh") for rate in (1, 2, 4)),
            layers.Conv1D(1, 3, padding="same"),
        ]
    )


# Embeddings and pairs ----------------------------------------------------------------------------------------------------


def embedded(length: int, words: int, outputs: int, last: str | None, hidden: int = 0) -> Build:
    """Embeddings of categories, averaged, or beside one another before a hidden layer."""

    def build() -> keras.Model:
        model = keras.Sequential([keras.Input((length,), dtype="int32"), layers.Embedding(words, 16)])
        if hidden:
            model.add(layers.Flatten())
            model.add(layers.Dense(hidden, activation="relu"))
        else:
            model.add(layers.GlobalAveragePooling1D())
        model.add(layers.Dense(outputs, activation=last))
        return model

    return build


def factorised() -> keras.Model:
    """Stars as the product of a person's vector and a thing's (Koren, Bell and Volinsky 2009), with a bias for each."""
    given = keras.Input((2,), dtype="int32")
    vectors = [layers.Embedding(count, 8)(given[:, place]) for place, count in enumerate((60, 80))]
    biases = [layers.Embedding(count, 1)(given[:, place]) for place, count in enumerate((60, 80))]
    return keras.Model(given, layers.Dense(1)(layers.Dot(axes=1)(vectors) + biases[0] + biases[1]))


def shared(parts: int, features: int, hidden: tuple[int, ...], outputs: int) -> Build:
    """One network over every part of the input, shape `[parts, features]`."""

    def build() -> keras.Model:
        model = keras.Sequential([keras.Input((parts, features))])
        for units in hidden:
            model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dense(outputs))
        return model

    return build


def alike() -> keras.Model:
    """The probability that two digits are of one class, from the distance of what they become."""
    given = keras.Input((2, 64))
    vectors = layers.Dense(16)(layers.Dense(32, activation="relu")(given))
    distance = ops.sum(ops.square(vectors[:, 0] - vectors[:, 1]), axis=-1, keepdims=True)
    return keras.Model(given, layers.Dense(1, activation="sigmoid")(distance))
