"""`RatesUsed`: the learning rate of each step of a training, whoever set it, at the least cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import MOMENTUM, WEIGHT_DECAY
from tb_lrfinder.loops.driver import driver_name
from tb_lrfinder.loops.frameworks.keras_schedules import rates_of
from tb_lrfinder.training.accumulation import counts_of, warn_if_short
from tb_lrfinder.training.optimizers import rate_holders
from tb_lrfinder.training.other_callbacks import DriverWatch, acts_on_batches


class RatesUsed:
    """Reads the learning rate of an optimizer in training.

    A rate that is a variable is read where somebody may have changed it: after every batch where another callback acts on
    batches, otherwise once per epoch. A schedule is not read at all: it is evaluated for many steps at once. The parts of a
    `MultiOptimizer` may follow rates of their own; the first one's is taken.

    Args:
        optimizer: The optimizer.
        others: The other callbacks of the fit.
        is_closed: Whether callbacks alone can change a rate that is a variable: the train step is Keras' own. If not, none
            of somebody's own is named.
    """

    def __init__(self, optimizer: Any, others: Sequence[keras.callbacks.Callback], is_closed: bool = False) -> None:
        self._optimizer = rate_holders(optimizer)[0]
        self._batches = self._optimizer.gradient_accumulation_steps or 1
        rate = self._optimizer._learning_rate
        self._schedule = rate
        self.is_schedule = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)
        # Keras' optimizers call such a rate without an argument, whenever they need it.
        is_callable = not self.is_schedule and callable(rate) and not isinstance(rate, keras.Variable)
        self.every_batch = is_callable or (not self.is_schedule and any(map(acts_on_batches, others)))
        self._known = driver_name(rate) if self.is_schedule else "callable" if is_callable else None
        self._watch = DriverWatch(others, is_closed)

    @property
    def driver(self) -> str | None:
        """The name of what sets the rate, for people, as far as it is known by now; None where nothing is known to."""
        return self._known or self._watch.name

    def see(self, epoch: int, rates: Sequence[float]) -> None:
        """Takes the rates that were read for the next batches of an epoch, which may tell who sets them."""
        if self._known is None:
            self._watch.see(epoch, rates)

    def begin_epoch(self) -> None:
        """Takes the optimizer's schedule: a thread writes rows, also while a range test has put a rate in its place."""
        self._schedule = self._optimizer._learning_rate

    def read(self) -> float:
        """The rate now; `BACKEND.bring_back` must have been called."""
        return float(np.asarray(keras.ops.convert_to_numpy(self._optimizer.learning_rate)))

    def at(self, updates: NDArray[np.int64]) -> NDArray[np.float64]:
        """The rates that a schedule gives to updates, counted from 0; both of shape `[n]`."""
        return rates_of(self._schedule, counts_of(updates, self._batches))

    def warn_if_short(self, batches: int | None) -> None:
        """Warns of a schedule that may end long before the training does, of so many batches as far as is known."""
        if self.is_schedule:
            warn_if_short(self._schedule, self._batches, batches)

    def count(self) -> int:
        """Batches that the optimizer has seen since it was made; `BACKEND.bring_back` must have been called."""
        return int(np.asarray(keras.ops.convert_to_numpy(self._optimizer._iterations)))

    def updates(self, count: int) -> int:
        """The number of updates that so many batches make."""
        return count // self._batches

    def extras(self) -> dict[str, float]:
        """Momentum and weight decay, where the optimizer has them as numbers."""
        found = {MOMENTUM: _momentum(self._optimizer), WEIGHT_DECAY: self._optimizer.weight_decay}
        return {name: float(value) for name, value in found.items() if isinstance(value, (int, float))}


def _momentum(optimizer: Any) -> Any:
    momentum = getattr(optimizer, "momentum", None)
    return getattr(optimizer, "beta_1", None) if momentum is None else momentum
