"""A GAN as Keras' guides write it: two networks, each with an optimizer of its own that the train step applies."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

BATCH, NUM_BATCHES, NUM_FEATURES, LATENT = 8, 12, 4, 2
REAL = np.random.default_rng(0).normal(1.0, 0.5, size=(BATCH * NUM_BATCHES, NUM_FEATURES)).astype("float32")
LOSS = keras.losses.BinaryCrossentropy(from_logits=True)


class _GAN(keras.Model):
    """Trains its generator once in `every` batches, beginning with the first one."""

    def __init__(self, every: int = 1, **options: Any) -> None:
        super().__init__()
        layers = keras.layers
        self.discriminator = keras.Sequential(
            [keras.Input((NUM_FEATURES,)), layers.Dense(8, activation="relu"), layers.Dense(1)]
        )
        self.generator = keras.Sequential([keras.Input((LATENT,)), layers.Dense(8), layers.Dense(NUM_FEATURES)])
        self.noise = keras.random.SeedGenerator(3)
        self.every = every
        self.options = options
        self.built = True

    def compile(self, d_optimizer: Any, g_optimizer: Any, **options: Any) -> None:
        super().compile(**options)
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer

    def d_loss(self, real: Any, fake: Any) -> Any:
        real, fake = self.discriminator(real), self.discriminator(fake)
        return LOSS(keras.ops.ones_like(real), real) + LOSS(keras.ops.zeros_like(fake), fake)

    def g_loss(self, noise: Any) -> Any:
        fake = self.discriminator(self.generator(noise))
        return LOSS(keras.ops.ones_like(fake), fake)

    def draw(self, real: Any) -> Any:
        return keras.random.normal((BATCH, LATENT), seed=self.noise)

    @property
    def trains_generator(self) -> bool:
        self.batch = getattr(self, "batch", -1) + 1
        return self.batch % self.every == 0


class TensorFlowGAN(_GAN):
    def train_step(self, data: Any) -> dict[str, Any]:
        import tensorflow as tf

        noise = self.draw(data)
        with tf.GradientTape() as tape:
            d_loss = self.d_loss(data, self.generator(noise))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
        with tf.GradientTape() as tape:
            g_loss = self.g_loss(noise)
        weights = self.generator.trainable_weights
        if self.every == 1 or self.trains_generator:
            self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        return {"d_loss": d_loss, "g_loss": g_loss}


class TorchGAN(_GAN):
    def train_step(self, data: Any) -> dict[str, Any]:
        noise = self.draw(data)
        d_loss = self.d_loss(data, self.generator(noise))
        self._apply(self.d_optimizer, d_loss, self.discriminator.trainable_weights)
        g_loss = self.g_loss(noise)
        if self.every == 1 or self.trains_generator:
            self._apply(self.g_optimizer, g_loss, self.generator.trainable_weights)
        return {"d_loss": d_loss.detach(), "g_loss": g_loss.detach()}

    def _apply(self, optimizer: Any, loss: Any, weights: list[Any]) -> None:
        import torch

        self.zero_grad()
        loss.backward()
        with torch.no_grad():
            optimizer.apply([weight.value.grad for weight in weights], weights)


class JAXGAN(_GAN):
    """Hands its state through the train step: that of the optimizers is among the variables that are not trained."""

    def compile(self, d_optimizer: Any, g_optimizer: Any, **options: Any) -> None:
        super().compile(d_optimizer, g_optimizer, **options)
        d_optimizer.build(self.discriminator.trainable_variables)
        g_optimizer.build(self.generator.trainable_variables)
        if not options.get("run_eagerly"):
            self.d_variables, self.g_variables = d_optimizer.variables, g_optimizer.variables

    def train_step(self, state: Any, data: Any) -> tuple[dict[str, Any], Any]:
        variables = [self.trainable_variables, self.non_trainable_variables, self.optimizer.variables]
        variables.append(self.metrics_variables)
        flat = [one for ours in variables for one in ours]
        held = dict(zip(map(id, flat), [value for now in state for value in now], strict=True))
        with self._scope(variables, held) as scope:
            noise = self.draw(data)
        self._take(variables, held, scope)
        d_loss = self._apply(
            variables, held, self.d_optimizer, self.discriminator, lambda: self.d_loss(data, self.generator(noise))
        )
        if self.every == 1 or self.trains_generator:
            g_loss = self._apply(variables, held, self.g_optimizer, self.generator, lambda: self.g_loss(noise))
        else:
            with self._scope(variables, held):
                g_loss = self.g_loss(noise)
        return {"d_loss": d_loss, "g_loss": g_loss}, tuple([held[id(one)] for one in ours] for ours in variables)

    def _scope(self, variables: Any, held: dict[int, Any]) -> Any:
        return keras.StatelessScope([(one, held[id(one)]) for ours in variables for one in ours])

    def _take(self, variables: Any, held: dict[int, Any], scope: Any) -> None:
        for one in (one for ours in variables for one in ours):
            value = scope.get_current_value(one)
            held[id(one)] = held[id(one)] if value is None else value

    def _apply(self, variables: Any, held: dict[int, Any], optimizer: Any, network: Any, loss_of: Any) -> Any:
        import jax

        def loss(weights: list[Any]) -> Any:
            trained = zip(network.trainable_variables, weights, strict=True)
            with self._scope(variables, {**held, **{id(one): value for one, value in trained}}):
                return loss_of()

        weights = [held[id(one)] for one in network.trainable_variables]
        value, gradients = jax.value_and_grad(loss)(weights)
        # A step that is not compiled may leave the values of an optimizer where they are.
        handed = all(id(one) in held for one in optimizer.variables)
        slots = [held[id(one)] if handed else one.value for one in optimizer.variables]
        weights, slots = optimizer.stateless_apply(slots, gradients, weights)
        for one, new in zip([*network.trainable_variables, *optimizer.variables], [*weights, *slots], strict=True):
            if id(one) in held:
                held[id(one)] = new
            else:
                one.assign(new)
        return value


_MODELS = {"tensorflow": TensorFlowGAN, "jax": JAXGAN, "torch": TorchGAN}


def build_gan(d_optimizer: Any = None, g_optimizer: Any = None, *, every: int = 1, **options: Any) -> Any:
    """A compiled GAN; `model.optimizer` is the RMSprop that Keras puts there and nobody uses."""
    keras.utils.set_random_seed(7)
    model = _MODELS[keras.backend.backend()](every)
    adagrad = keras.optimizers.Adagrad(0.05)
    model.compile(d_optimizer or keras.optimizers.Adam(0.01), g_optimizer or adagrad, run_eagerly=every > 1, **options)
    return model


def fit_gan(model: Any, *callbacks: keras.callbacks.Callback, epochs: int = 2) -> Any:
    options = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
    return model.fit(REAL, epochs=epochs, callbacks=list(callbacks), **options)


def gan_state(model: Any) -> dict[str, np.ndarray]:
    """Weights, seeds and what the two optimizers have, by name."""
    optimizers = {"d": model.d_optimizer, "g": model.g_optimizer}
    weights = {f"{index}": one for index, one in enumerate(model.variables)}
    slots = {f"{name}/{one.path}": one for name, optimizer in optimizers.items() for one in optimizer.variables}
    return {name: np.array(np.asarray(one)) for name, one in {**weights, **slots}.items()}
