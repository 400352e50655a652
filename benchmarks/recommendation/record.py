"""Records range tests and trainings of every task into data/: what the methods are scored on.

All trainings of a case run side by side in one JAX program, made of Keras' own `stateless_call` and `stateless_apply`;
tests/test_recommendation.py compares it with `fit` and `LRFinder`. Usage, from the repository root:

    KERAS_BACKEND=jax python -m benchmarks.recommendation.record [TASK ...]

Without names, every task that has no file yet is recorded; several processes may share the work by naming tasks.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from benchmarks.recommendation.cases import (
    BASE_DIVISORS,
    CYCLICAL_MAXIMA,
    PROBE_STEPS,
    PROBE_WINDOW,
    RATES,
    REPEATS,
    SHORT_SWEEP,
    STARTS,
    SWEEP,
    path_of,
)
from benchmarks.recommendation.tasks import OPTIMIZERS, TASKS, Task
from tb_lrfinder.rates.formulas import one_cycle

# Trainings that run side by side; the others wait.
_LANES = 8


@dataclass(frozen=True)
class Program:
    """A task and an optimizer as pure functions of arrays, from one start."""

    start: Any
    train: Callable[[NDArray[np.float64], NDArray[np.int32]], tuple[NDArray[np.float32], NDArray[np.float32]]]
    start_loss: float

    @classmethod
    def of(cls, task: Task, optimizer_name: str, seed: int) -> Program:
        keras.utils.set_random_seed(seed)
        x, y = (jnp.asarray(values) for values in task.data())
        model, optimizer = task.build(), OPTIMIZERS[optimizer_name]()
        optimizer.build(model.trainable_variables)
        loss_of = keras.losses.get(task.loss)
        rate_index = next(i for i, one in enumerate(optimizer.variables) if one is optimizer.learning_rate)
        start = tuple(
            [variable.value for variable in variables]
            for variables in (model.trainable_variables, model.non_trainable_variables, optimizer.variables)
        )

        def batch_loss(trainable, others, x, y):
            predicted, others = model.stateless_call(trainable, others, x, training=True)
            return jnp.mean(loss_of(y, predicted)), others

        def step(state, rate_and_batch):
            trainable, others, optimizer_state = state
            rate, batch = rate_and_batch
            (loss, others), gradients = jax.value_and_grad(batch_loss, has_aux=True)(
                trainable, others, x[batch], y[batch]
            )
            optimizer_state = [*optimizer_state]
            optimizer_state[rate_index] = rate
            trainable, optimizer_state = optimizer.stateless_apply(optimizer_state, gradients, trainable)
            return (trainable, others, optimizer_state), loss

        def whole_loss(state):
            predicted, _ = model.stateless_call(state[0], state[1], x, training=False)
            return jnp.mean(loss_of(y, predicted))

        def training(rates, batches):
            state, losses = jax.lax.scan(step, start, (rates, batches))
            return losses, whole_loss(state)

        @jax.jit
        def trainings(rates, batches):
            return jax.lax.map(lambda one: training(one, batches), rates, batch_size=_LANES)

        def train(rates, batches):
            losses, final = trainings(jnp.asarray(rates, jnp.float32), jnp.asarray(batches))
            return np.asarray(losses), np.asarray(final)

        return cls(start, train, float(jax.jit(whole_loss)(start)))


def batches_of(task: Task, num_samples: int, steps: int, seed: list[int]) -> NDArray[np.int32]:
    """Indices of shape `[steps, batch_size]`: every epoch in an order of its own."""
    rng = np.random.default_rng(seed)
    epochs = -(-steps * task.batch_size // num_samples)
    order = np.concatenate([rng.permutation(num_samples) for _ in range(epochs)])
    return order[: steps * task.batch_size].reshape(steps, task.batch_size).astype(np.int32)


def triangular(low: float, high: float, steps: int, cycles: int = 2) -> NDArray[np.float64]:
    """Smith's triangular cycles (arXiv:1506.01186), so many over the whole training, from `low` to `high` and back."""
    position = np.arange(steps) / steps * cycles % 1
    return low + (high - low) * (1 - np.abs(2 * position - 1))


def trained_rates(steps: int) -> NDArray[np.float64]:
    """The rates of all trainings of a case, shape `[trainings, steps]`: constant ones, then 1cycle, then cyclical ones."""
    rise = (round(0.3 * steps) + 1) / steps  # the peak comes after 30 % of the steps
    cycle = partial(one_cycle, np.arange(steps), total_steps=steps, warmup_share=rise)
    pairs = [(high / divisor, high) for divisor in BASE_DIVISORS for high in CYCLICAL_MAXIMA]
    return np.array(
        [
            *(np.full(steps, rate) for rate in RATES),
            *(cycle(peak_learning_rate=rate) for rate in RATES),
            *(triangular(low, high, steps) for low, high in pairs),
        ]
    )


def record_case(task: Task, optimizer: str) -> dict[str, NDArray[Any]]:
    """All that is kept of one case: arrays with a leading axis of starts."""
    starts = [_record_start(task, optimizer, seed) for seed in range(STARTS)]
    return {name: np.stack([one[name] for one in starts]) for name in starts[0]}


def _record_start(task: Task, optimizer: str, seed: int) -> dict[str, NDArray[Any]]:
    program = Program.of(task, optimizer, seed)
    num_samples = len(task.data()[0])
    steps = task.epochs * num_samples // task.batch_size
    order = batches_of(task, num_samples, steps, [seed, 0])
    _, final = program.train(trained_rates(steps), order)

    def sweep(rates: NDArray[np.float64], repeat: int) -> NDArray[np.float32]:
        return program.train(rates[None], batches_of(task, num_samples, rates.size, [seed, 1, repeat]))[0][0]

    probes, _ = program.train(
        np.array([np.full(PROBE_STEPS, rate) for rate in RATES]), batches_of(task, num_samples, PROBE_STEPS, [seed, 2])
    )
    probes = probes.reshape(len(RATES), -1, PROBE_WINDOW).mean(axis=2) / program.start_loss
    count = len(RATES)
    return {
        "start": np.array(program.start_loss, np.float32),
        "sweeps": np.stack([sweep(SWEEP, repeat) for repeat in range(REPEATS)]),
        "short_sweep": sweep(SHORT_SWEEP, REPEATS),
        "constant": final[:count],
        "one_cycle": final[count : 2 * count],
        "cyclical": final[2 * count :].reshape(len(BASE_DIVISORS), -1),
        "probes": np.clip(probes, 0, 6e4).astype(np.float16),  # shares of the start's loss
    }


def record(task: Task) -> None:
    recorded: dict[str, NDArray[Any]] = {"batches_per_epoch": np.array(len(task.data()[0]) // task.batch_size)}
    began = time.perf_counter()
    for optimizer in OPTIMIZERS:
        for name, values in record_case(task, optimizer).items():
            recorded[f"{optimizer}/{name}"] = values
    path = path_of(task.name)
    path.parent.mkdir(exist_ok=True)
    with path.with_suffix(".part").open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **recorded)
    path.with_suffix(".part").rename(path)
    print(f"{task.name}: {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1024:.0f} kB", flush=True)


def main() -> None:
    for name in sys.argv[1:] or [one for one in TASKS if not path_of(one).exists()]:
        if sys.argv[1:] or not path_of(name).exists():
            record(TASKS[name])


if __name__ == "__main__":
    main()
