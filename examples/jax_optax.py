"""A range test in JAX with optax, then a schedule of optax up to the peak that it suggests, both in the LR Finder tab.

    python -m examples.jax_optax

`Training` is what one has anyway: a jitted step, and the values that it takes and gives. `inject_hyperparams` puts the rate
among them, where it can be read and set without compiling anew. The range test takes three lines around the step (`with`,
`for`, `test.report`), the record of the training two (`with`, `writer.record`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

from tb_lrfinder import RangeTest, ScheduleWriter

SMALL = {"epochs": 2, "num_steps": 120}
BATCH_SIZE = 32


class Batches:
    """Images of digits and which digit each is, in batches; in another order each time they are gone through."""

    def __init__(self) -> None:
        images, self._digits = load_digits(return_X_y=True)
        self._images = (images / 16).astype(np.float32)

    def __len__(self) -> int:
        return len(self._digits) // BATCH_SIZE

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        order = np.random.permutation(len(self._digits))
        for batch in order[: len(self) * BATCH_SIZE].reshape(len(self), BATCH_SIZE):
            yield self._images[batch], self._digits[batch]


def initial_params() -> dict[str, jax.Array]:
    first, second = jax.random.split(jax.random.key(0))
    hidden, outputs = jax.random.normal(first, (64, 128)) / 8, jax.random.normal(second, (128, 10)) / 11
    return {"hidden": hidden, "shift": jnp.zeros(128), "outputs": outputs}


def loss_of(params: dict[str, jax.Array], images: jax.Array, digits: jax.Array) -> jax.Array:
    hidden = jax.nn.relu(images @ params["hidden"] + params["shift"])
    return optax.softmax_cross_entropy_with_integer_labels(hidden @ params["outputs"], digits).mean()


class Training:
    """Parameters and the state of the optimizer, which a jitted step makes anew."""

    def __init__(self, learning_rate: float | optax.Schedule) -> None:
        optimizer = optax.inject_hyperparams(optax.adam)(learning_rate=learning_rate)
        self.params: Any = initial_params()
        self.opt_state: Any = optimizer.init(self.params)

        @jax.jit
        def update(params: Any, opt_state: Any, images: jax.Array, digits: jax.Array) -> tuple[Any, Any, jax.Array]:
            loss, gradients = jax.value_and_grad(loss_of)(params, images, digits)
            updates, opt_state = optimizer.update(gradients, opt_state, params)
            return optax.apply_updates(params, updates), opt_state, loss

        self._update = update

    def step(self, images: np.ndarray, digits: np.ndarray) -> jax.Array:
        self.params, self.opt_state, loss = self._update(self.params, self.opt_state, images, digits)
        return loss

    def get(self) -> tuple[Any, Any]:
        return self.params, self.opt_state

    def put(self, state: tuple[Any, Any]) -> None:
        self.params, self.opt_state = state


def main(log_dir: str | Path, epochs: int = 10, num_steps: int = 300) -> dict[str, float]:
    """Returns the peak that the range test suggests, and the mean loss in the last epoch."""
    np.random.seed(0)
    batches, training = Batches(), Training(learning_rate=0.001)
    state = (training.get, training.put)

    run = Path(log_dir) / "range_test"
    with RangeTest(
        run, num_steps=num_steps, restore=state, optimizer=lambda: training.opt_state, batch_size=BATCH_SIZE
    ) as test:
        for images, digits in test.batches(batches):
            test.report(training.step(images, digits))

    peak = test.suggestion.one_cycle_peak
    if peak is None:
        raise SystemExit(test.suggestion.reason)

    losses = []
    training = Training(optax.cosine_onecycle_schedule(epochs * len(batches), peak))
    run, driver = Path(log_dir) / "training", "cosine_onecycle_schedule"
    with ScheduleWriter(run, driver=driver, batch_size=BATCH_SIZE) as writer:
        for epoch in range(epochs):
            for batch, (images, digits) in enumerate(batches, start=1):
                loss = training.step(images, digits)
                writer.record(lambda: training.opt_state, loss=loss, epoch=epoch + batch / len(batches))
                losses.append(loss)
    return {"peak": peak, "loss": float(np.mean(losses[-len(batches) :]))}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A range test and 1cycle in JAX with optax.")
    parser.add_argument("--log-dir", default="logs/loops/jax_optax")
    parser.add_argument("--small", action="store_true", help="few steps, to see it run")
    arguments = parser.parse_args()
    print(main(arguments.log_dir, **(SMALL if arguments.small else {})))
