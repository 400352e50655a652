"""Models with a train step of their own, as Keras' guides write them for each back end."""

from __future__ import annotations

from typing import Any

import keras

from tests.support.models import NUM_CLASSES, NUM_FEATURES

LOSS = keras.losses.SparseCategoricalCrossentropy()


class _Tracked(keras.Model):
    """Tracks its loss itself; Keras asks that such trackers are listed in `metrics`, which `fit` resets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self.tracker]


class TensorFlowModel(_Tracked):
    def train_step(self, data: Any) -> dict[str, Any]:
        import tensorflow as tf

        x, y = data
        with tf.GradientTape() as tape:
            loss = LOSS(y, self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.tracker.update_state(loss)
        return {"loss": self.tracker.result()}


class JAXModel(_Tracked):
    def train_step(self, state: Any, data: Any) -> tuple[dict[str, Any], Any]:
        import jax

        trainable, non_trainable, optimizer, metrics = state
        x, y = data

        def loss_of(trainable: Any, non_trainable: Any) -> tuple[Any, Any]:
            y_pred, non_trainable = self.stateless_call(trainable, non_trainable, x, training=True)
            return LOSS(y, y_pred), non_trainable

        (loss, non_trainable), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable, non_trainable)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
        metrics = self.tracker.stateless_update_state(metrics, loss)
        return {"loss": self.tracker.stateless_result(metrics)}, (trainable, non_trainable, optimizer, metrics)


class TorchModel(_Tracked):
    def train_step(self, data: Any) -> dict[str, Any]:
        import torch

        x, y = data
        self.zero_grad()
        loss = LOSS(y, self(x, training=True))
        loss.backward()
        weights = list(self.trainable_weights)
        with torch.no_grad():
            self.optimizer.apply([weight.value.grad for weight in weights], weights)
        self.tracker.update_state(loss)
        return {"loss": self.tracker.result()}


_MODELS = {"tensorflow": TensorFlowModel, "jax": JAXModel, "torch": TorchModel}


def custom_train_step() -> keras.Model:
    """A compiled model with a train step of its own."""
    keras.utils.set_random_seed(7)
    inputs = keras.Input((NUM_FEATURES,))
    model = _MODELS[keras.backend.backend()](inputs, keras.layers.Dense(NUM_CLASSES, activation="softmax")(inputs))
    model.compile("sgd")
    return model
