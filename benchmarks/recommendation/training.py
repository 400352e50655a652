"""Many trainings of one task and optimizer side by side on JAX, made of Keras' own stateless calls.

Tests compare it with `fit` and `LRFinder` (tests/test_recommendation.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from benchmarks.recommendation.tasks import OPTIMIZERS, Task

# Trainings that run at once; the others wait until one of them has ended or diverged.
_SLOTS = 24 if jax.default_backend() == "cpu" else 512

# The values of a model's variables, in their order.
Weights = list[Any]
# Rates and batches of a part of a training.
Part = tuple[NDArray[np.float64], NDArray[np.int32]]


@dataclass(eq=False)
class Lane:
    """One training: where it starts, its batches and its rate at every step; and then what it gave.

    Attributes:
        start: Which of the weights it starts from.
        order: Samples of its batches, shape `[steps, batch_size]`.
        rates: Shape `[steps]`.
        looks: After how many parts of the training each the loss over all data is taken; none without.
        losses: Losses of its batches, NaN from where it diverged.
        reached: At every look, the loss over all training data, and the one over what is held out, shape `[looks, 2]`.
    """

    start: int
    order: NDArray[np.int32]
    rates: NDArray[np.float64]
    looks: int = 0
    losses: NDArray[np.float32] = field(init=False)
    reached: NDArray[np.float32] = field(init=False)


class Trainings:
    """The trainings of a task with an optimizer, from weights that are given."""

    def __init__(self, task: Task, optimizer: str, weights: list[Weights]) -> None:
        self._part, self._batch_size = task.steps // 10, task.batch_size
        self._idle = np.zeros(self._part), np.zeros((self._part, task.batch_size), np.int32)
        x, y = task.data()
        self._trained_on = jnp.asarray(x[: task.count]), jnp.asarray(y[: task.count])
        self._held_out = jnp.asarray(x[task.count :]), jnp.asarray(y[task.count :])
        self._model, self._loss = task.build(), keras.losses.get(task.loss)
        for layer in self._model.layers[:-1] if task.base and task.base.frozen else ():
            layer.trainable = False
        self._optimizer = OPTIMIZERS[optimizer]()
        self._optimizer.build(self._model.trainable_variables)
        variables = self._optimizer.variables
        self._rate_index = next(i for i, one in enumerate(variables) if one is self._optimizer.learning_rate)
        fresh = [variable.value for variable in variables]
        self._starts = [(*self._arranged(one), fresh) for one in weights]
        self._advance = jax.jit(jax.vmap(self._advanced))
        self._advance_some = jax.jit(jax.vmap(self._advanced_some))
        self._look = jax.jit(jax.vmap(self._looked))

    def start_losses(self) -> NDArray[np.float32]:
        """The losses of every start over the training data and over what is held out, shape `[starts, 2]`."""
        return np.array([self._looked(start) for start in self._starts], np.float32)

    def run(self, lanes: list[Lane]) -> None:
        """Trains all lanes. One that diverged stays so: its place is given to the next."""
        for lane in lanes:
            lane.losses = np.full(len(lane.rates), np.nan, np.float32)
            lane.reached = np.full((lane.looks, 2), np.nan, np.float32)
        waiting = iter(lanes)
        # As many slots every time, since each number of them is a program; those with nothing to do train for nothing.
        slots = [_Slot(lane) for lane in islice(waiting, _SLOTS)]
        slots += [_Slot(None) for _ in range(_SLOTS - len(slots))]
        states = _stacked([self._starts[slot.start] for slot in slots])
        while any(slot.lane for slot in slots):
            given = [slot.next_part(self._part, self._idle) for slot in slots]
            rates, batches = (jnp.asarray(np.stack(values)) for values in zip(*given, strict=True))
            states, losses = self._advance(states, rates.astype(jnp.float32), batches)
            for slot, found in zip(slots, np.asarray(losses), strict=True):
                slot.take(found)
            self._look_at(slots, states)
            for index, slot in enumerate(slots):
                if slot.ended:
                    slots[index] = _Slot(next(waiting, None))
                    states = _with(states, index, self._starts[slots[index].start])

    def states_of(self, starts: Sequence[int]) -> Any:
        """The states of fresh trainings from some starts, side by side, for `advance`."""
        return _stacked([self._starts[start] for start in starts])

    def advance(
        self, states: Any, rates: NDArray[np.float64], batches: NDArray[np.int32]
    ) -> tuple[Any, NDArray[np.float32]]:
        """Trains states side by side by a part of `rates` of shape `[states, steps]`; what it was given stays as it is.

        A step whose rate is NaN is left out: nothing changes, and its loss is NaN.
        """
        states, losses = self._advance_some(states, jnp.asarray(rates, jnp.float32), jnp.asarray(batches))
        return states, np.asarray(losses)

    def slowed(self, states: Any, rate: float) -> Any:
        """The states as if their last steps had been made at a lower rate: the velocity of Keras' SGD is scaled.

        It is a sum of gradients times the rates of their steps, so at a much lower rate it would go on for some ten steps,
        uncorrected. What other optimizers remember has no rate in it.
        """
        trainable, others, optimizer_state = states
        is_sgd = isinstance(self._optimizer, keras.optimizers.SGD)
        velocities = {id(one) for one in self._optimizer.momentums} if is_sgd else set()
        last = optimizer_state[self._rate_index]
        factors = jnp.where(last > rate, rate / last, 1.0)
        slowed = [
            value * factors.reshape(-1, *[1] * (value.ndim - 1)) if id(variable) in velocities else value
            for variable, value in zip(self._optimizer.variables, optimizer_state, strict=True)
        ]
        return trainable, others, slowed

    def look(self, states: Any) -> NDArray[np.float32]:
        """The losses over all training data and over what is held out, shape `[states, 2]`."""
        return np.stack(self._look(states), axis=1)

    def _look_at(self, slots: list[_Slot], states: Any) -> None:
        """Takes the losses over all data of the slots where that is due."""
        if any(slot.look is not None for slot in slots):
            for slot, reached in zip(slots, self.look(states), strict=True):
                slot.see(reached)

    def weights_after(self, rates: NDArray[np.float64], orders: NDArray[np.int32]) -> list[Weights]:
        """The weights of every start after a training over its own order."""

        @jax.jit
        def trained(start, order):
            return jax.lax.scan(self._step, start, (jnp.asarray(rates, jnp.float32), order))[0]

        found = []
        for start, order in zip(self._starts, orders, strict=True):
            trainable, others, _ = trained(start, order)
            values = dict(zip(map(id, self._variables()), [*trainable, *others], strict=True))
            found.append([values[id(variable)] for variable in self._model.variables])
        return found

    def _variables(self) -> list[Any]:
        return [*self._model.trainable_variables, *self._model.non_trainable_variables]

    def _arranged(self, weights: Weights) -> tuple[list[Any], list[Any]]:
        """The weights as a stateless call wants them: of a model that is partly frozen, fewer are trained."""
        values = dict(zip(map(id, self._model.variables), weights, strict=True))
        arranged = [values[id(variable)] for variable in self._variables()]
        count = len(self._model.trainable_variables)
        return arranged[:count], arranged[count:]

    def _advanced(self, state, rates, batches):
        return jax.lax.scan(self._step, state, (rates, batches))

    def _advanced_some(self, state, rates, batches):
        def step(state, rate_and_batch):
            trained, loss = self._step(state, rate_and_batch)
            is_step = jnp.isfinite(rate_and_batch[0])
            return jax.tree.map(partial(jnp.where, is_step), trained, state), jnp.where(is_step, loss, jnp.nan)

        return jax.lax.scan(step, state, (rates, batches))

    def _looked(self, state):
        return self._whole_loss(*self._trained_on, state), self._whole_loss(*self._held_out, state)

    def _step(self, state, rate_and_batch):
        trainable, others, optimizer_state = state
        rate, batch = rate_and_batch
        (loss, others), gradients = jax.value_and_grad(self._batch_loss, has_aux=True)(
            trainable, others, *(values[batch] for values in self._trained_on)
        )
        optimizer_state = [*optimizer_state]
        optimizer_state[self._rate_index] = rate
        trainable, optimizer_state = self._optimizer.stateless_apply(optimizer_state, gradients, trainable)
        return (list(trainable), others, optimizer_state), loss

    def _batch_loss(self, trainable, others, x, y, training=True):
        predicted, others = self._model.stateless_call(trainable, others, x, training=training)
        return jnp.mean(self._loss(y, predicted)), others

    def _whole_loss(self, x, y, state):
        """The mean over batches: some losses compare the samples of a batch."""
        size = min(self._batch_size, len(x))
        cut = jax.tree.map(lambda values: values[: len(x) // size * size].reshape(-1, size, *values.shape[1:]), (x, y))
        losses = jax.vmap(lambda x, y: self._batch_loss(state[0], state[1], x, y, training=False)[0])(*cut)
        return losses.mean()


class _Slot:
    """A place where one lane trains at a time, part by part; or none."""

    def __init__(self, lane: Lane | None) -> None:
        self.lane = lane
        self.ended = False
        self.look: int | None = None
        self._first = self._next = 0

    @property
    def start(self) -> int:
        return self.lane.start if self.lane else 0

    def next_part(self, steps: int, idle: Part) -> Part:
        """Rates and batches of the next part; what lies beyond the end is trained for nothing."""
        if self.lane is None:
            return idle
        self._first, self._next = self._next, min(self._next + steps, len(self.lane.rates))
        places = np.minimum(np.arange(self._first, self._first + steps), len(self.lane.rates) - 1)
        return self.lane.rates[places], self.lane.order[places]

    def take(self, losses: NDArray[np.float32]) -> None:
        """Keeps the losses of that part."""
        if self.lane is None:
            return
        steps, looks = len(self.lane.rates), self.lane.looks
        kept = losses[: self._next - self._first]
        self.lane.losses[self._first : self._next] = kept
        diverged = not np.isfinite(kept[-1])
        self.ended = diverged or self._next == steps
        is_due = looks and not diverged and self._next * looks % steps == 0
        self.look = self._next * looks // steps - 1 if is_due else None

    def see(self, reached: NDArray[np.float32]) -> None:
        """Keeps the losses over all data, where that is due."""
        if self.lane and self.look is not None:
            self.lane.reached[self.look] = reached


def _stacked(states: list[Any]) -> Any:
    return jax.tree.map(lambda *values: jnp.stack(values), *states)


@jax.jit
def _with(states: Any, index: int, one: Any) -> Any:
    return jax.tree.map(lambda values, value: values.at[index].set(value), states, one)


def starting_weights(task: Task, seed: int) -> Weights:
    """The weights that trainings of a task start from: fresh ones, or those of its base."""
    base = task.base
    if base is None:
        return _fresh_weights(task, seed)
    before = replace(task, data=base.data or task.data, base=None)
    rates, orders = np.full(base.steps, base.learning_rate), batches_of(before, base.steps, [seed, 3])
    (trained,) = Trainings(before, "Adam", [_fresh_weights(task, seed)]).weights_after(rates, orders[None])
    if not base.new_head:
        return trained
    keras.utils.set_random_seed(1000 + seed)
    model = task.build()
    head = {id(variable) for variable in model.layers[-1].variables}
    return [
        variable.value if id(variable) in head else kept
        for variable, kept in zip(model.variables, trained, strict=True)
    ]


def _fresh_weights(task: Task, seed: int) -> Weights:
    keras.utils.set_random_seed(seed)
    return [variable.value for variable in task.build().variables]


def batches_of(task: Task, steps: int, seed: list[int]) -> NDArray[np.int32]:
    """Indices of shape `[steps, batch_size]`: every epoch in an order of its own."""
    rng = np.random.default_rng(seed)
    epochs = -(-steps * task.batch_size // task.count)
    order = np.concatenate([rng.permutation(task.count) for _ in range(epochs)])
    return order[: steps * task.batch_size].reshape(steps, task.batch_size).astype(np.int32)
