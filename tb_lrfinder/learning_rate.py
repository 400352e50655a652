"""The learning rate of a compiled model, taken over for a test and given back."""

from __future__ import annotations

import contextlib
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.assign import assigner


class LearningRateControl:
    """Sets the learning rate of a model's optimizer, whatever the optimizer was compiled with.

    Keras does not let a `LearningRateSchedule` or a callable be overwritten, and compiles it into the train step. Such an
    optimizer gets a variable in its place, and the train step is compiled anew; `release` puts the schedule back.

    Args:
        model: A compiled model whose optimizer is built.

    Attributes:
        set: Takes the learning rate to set.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._optimizer = innermost(model.optimizer)
        self._schedule: Any = None
        if not isinstance(self._optimizer._learning_rate, keras.Variable):
            self._schedule = self._optimizer._learning_rate
            self._replace_schedule()
        self._variable = self._optimizer._learning_rate
        self.set = assigner(self._variable)

    def as_used(self, learning_rates: NDArray[np.float64]) -> list[float]:
        """The rates in the precision of the optimizer's variable: what it will really use."""
        dtype = keras.backend.standardize_dtype(self._variable.dtype)
        return np.asarray(learning_rates.astype(dtype), np.float64).tolist()

    def get(self) -> float:
        return float(np.asarray(self._variable))

    def release(self) -> None:
        """Gives the schedule back; without one there is nothing to do (the state of the model holds the rate)."""
        if self._schedule is not None:
            # Keras' setter forgets the variable.
            self._optimizer.learning_rate = self._schedule
            self._model.make_train_function(force=True)

    def _replace_schedule(self) -> None:
        optimizer = self._optimizer
        with _variable_scope(self._model):
            variable = keras.Variable(
                0.0,
                name="learning_rate",
                trainable=False,
                aggregation="only_first_replica",
                dtype=keras.config.floatx(),
            )
        # A built optimizer refuses new variables; JAX would take one it does not know for a constant.
        optimizer._tracker.unlock()
        optimizer._track_variable(variable)
        optimizer._tracker.lock()
        optimizer._learning_rate = variable
        self._model.make_train_function(force=True)


def innermost(optimizer: Any) -> Any:
    """The optimizer that holds the learning rate: below a `LossScaleOptimizer`, the one it wraps."""
    while isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    return optimizer


def _variable_scope(model: keras.Model) -> contextlib.AbstractContextManager[Any]:
    """Where TensorFlow distributes a model, its variables must be made inside the strategy."""
    strategy = getattr(model, "distribute_strategy", None)
    return contextlib.nullcontext() if strategy is None else strategy.scope()
