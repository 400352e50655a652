"""A loop of JAX and optax, small or realistic, written in several ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.loops.turns import Loop
from tb_lrfinder import RangeTest

BATCH_SIZE = 32
START_LR, END_LR = 1e-7, 1e-3


class Training:
    """Parameters, the state of the optimizer, and the compiled training step that hands them on."""

    def __init__(self, shapes: list[tuple[int, ...]], predict: Callable[[Any, Any], Any]) -> None:
        draws = np.random.default_rng(0)
        self.params = [jnp.asarray(draws.normal(size=one, scale=0.05), jnp.float32) for one in shapes]
        self.optimizer = optax.inject_hyperparams(optax.sgd)(learning_rate=START_LR, momentum=0.9)
        self.state = self.optimizer.init(self.params)

        def loss_of(params: Any, x: Any, y: Any) -> Any:
            return optax.softmax_cross_entropy_with_integer_labels(predict(params, x), y).mean()

        @jax.jit
        def compiled(params: Any, state: Any, x: Any, y: Any) -> Any:
            loss, slopes = jax.value_and_grad(loss_of)(params, x, y)
            updates, state = self.optimizer.update(slopes, state, params)
            return optax.apply_updates(params, updates), state, loss

        self._compiled = compiled

    def step(self, x: Any, y: Any) -> Any:
        self.params, self.state, loss = self._compiled(self.params, self.state, x, y)
        return loss

    def get(self) -> Any:
        return self.params, self.state

    def put(self, kept: Any) -> None:
        self.params, self.state = kept


def dense() -> Training:
    def predict(params: Any, x: Any) -> Any:
        *hidden, last = params
        for weights in hidden:
            x = jax.nn.relu(x @ weights)
        return x @ last

    return Training([(64, 192), (192, 192), (192, 10)], predict)


def convolutional() -> Training:
    """Three convolutions, on pictures of 16 by 16 pixels."""

    def predict(params: Any, x: Any) -> Any:
        *kernels, last = params
        for kernel in kernels:
            x = jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            x = jax.lax.reduce_window(jax.nn.relu(x), 0.0, jax.lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return x.reshape(BATCH_SIZE, -1) @ last

    return Training([(3, 3, 3, 16), (3, 3, 16, 32), (3, 3, 32, 32), (128, 10)], predict)


SIZES = {"small, dense": (dense, (64,)), "convolutional": (convolutional, (16, 16, 3))}


def batches_of(shape: tuple[int, ...]) -> list[tuple[Any, Any]]:
    draws = np.random.default_rng(0)
    inputs = jnp.asarray(draws.normal(size=(16, BATCH_SIZE, *shape)), jnp.float32)
    labels = jnp.asarray(draws.integers(0, 10, (16, BATCH_SIZE)))
    return [(x, y) for x, y in zip(inputs, labels, strict=True)]


def loops_of(make: Callable[[], Training], log_dir: str) -> dict[str, Loop]:
    """The same training in several ways, by name; the first is what the others are compared with."""

    def a_list(batches: Iterator[Any], num_steps: int) -> None:
        training, losses = make(), []
        for x, y in batches:
            losses.append(float(training.step(x, y)))

    def rates_by_hand(batches: Iterator[Any], num_steps: int) -> None:
        training, losses = make(), []
        rates = np.geomspace(START_LR, END_LR, num_steps).astype("float32")
        for rate, (x, y) in zip(rates, batches, strict=False):
            training.state.hyperparams["learning_rate"] = jnp.asarray(rate)
            losses.append(float(training.step(x, y)))

    def range_test(log_dir: str | None) -> Loop:
        def loop(batches: Iterator[Any], num_steps: int) -> None:
            training = make()
            with RangeTest(
                log_dir,
                START_LR,
                END_LR,
                num_steps,
                divergence_factor=None,
                verbose=0,
                restore=(training.get, training.put),
                optimizer=lambda: training.state,
            ) as test:
                for x, y in test.batches(batches):
                    test.report(training.step(x, y))

        return loop

    return {
        "a list of losses": a_list,
        "the list, rates set by hand": rates_by_hand,
        "RangeTest": range_test(None),
        "RangeTest with a log directory": range_test(log_dir),
    }
