"""The learning rate of optimizers, taken over for a test and given back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.training.backends import BACKEND, Assignments


class LearningRateControl:
    """Sets the learning rate of some optimizers of a model, whatever they were made with.

    Keras does not let a `LearningRateSchedule` or a callable be overwritten, and compiles it into the train step. Such an
    optimizer gets a variable in its place, and the train step is compiled anew; `release` puts the schedule back. All
    optimizers get the same rate.

    Args:
        model: A compiled model.
        holders: Optimizers of its train step that hold a learning rate (`rate_holders`).
        assignments: How their variables are assigned to.
    """

    def __init__(self, model: keras.Model, holders: Sequence[Any], assignments: Assignments) -> None:
        self._model = model
        self._schedules: list[tuple[Any, Any]] = []
        for optimizer in holders:
            if not isinstance(optimizer._learning_rate, keras.Variable):
                self._schedules.append((optimizer, optimizer._learning_rate))
                _replace_schedule(optimizer, model)
        if self._schedules:
            _compile_anew(model)
        self._variables = [optimizer._learning_rate for optimizer in holders]
        self._assign = assignments.to(self._variables)

    def as_used(self, learning_rates: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rates that the optimizer will really use: those given, in the precision of its variable."""
        dtype = keras.backend.standardize_dtype(self._variables[0].dtype)
        return np.asarray(learning_rates.astype(dtype), np.float64)

    def set(self, learning_rate: float) -> None:
        self._assign([learning_rate] * len(self._variables))

    def get(self) -> list[float]:
        """The rate of each optimizer."""
        BACKEND.bring_back(self._model)
        return [float(np.asarray(variable)) for variable in self._variables]

    def release(self) -> None:
        """Gives the schedules back; a rate that is a variable is restored with the state of the model."""
        for optimizer, schedule in self._schedules:
            # Keras' setter forgets the variable.
            optimizer.learning_rate = schedule
        if self._schedules:
            _compile_anew(self._model)


def rate_holders(optimizer: Any) -> list[Any]:
    """The optimizers that hold a learning rate: the one given, what it wraps, or its parts."""
    inner = innermost(optimizer)
    parts = getattr(inner, "optimizers", [inner])
    # A part that no variable is mapped to is never built, nor used.
    return [part for part in parts if part.built] or list(parts)


def innermost(optimizer: Any) -> Any:
    """The optimizer that a `LossScaleOptimizer` wraps; any other one itself."""
    while isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    return optimizer


def _replace_schedule(optimizer: Any, model: keras.Model) -> None:
    with BACKEND.variable_scope(model):
        variable = keras.Variable(
            0.0, name="learning_rate", trainable=False, aggregation="only_first_replica", dtype=keras.config.floatx()
        )
    # A built optimizer may refuse new variables; JAX would take one it does not know for a constant.
    tracker = optimizer._tracker
    locked = tracker.locked
    tracker.unlock()
    optimizer._track_variable(variable)
    if locked:
        tracker.lock()
    optimizer._learning_rate = variable


def _compile_anew(model: keras.Model) -> None:
    # The number of variables of the optimizer has changed.
    BACKEND.note_variables(model)
    model.make_train_function(force=True)
