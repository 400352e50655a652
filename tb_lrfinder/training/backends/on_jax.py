"""JAX: `fit` keeps the values beside the model, and hands them from step to step."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from tb_lrfinder.training.backends.base import Assign, Assignments, Backend
from tb_lrfinder.training.keras_support import FINALIZES_AFTER_FAILURE

# What the train step takes and gives back: the values of four lists of variables. These two a test changes.
_OPTIMIZER, _METRICS = 2, 3
# The list of a variable, its index in the list, and its dtype.
_Slot = tuple[int, int, np.dtype[Any]]


class JAXBackend(Backend):
    finalizes_after_failure = FINALIZES_AFTER_FAILURE

    def bring_back(self, model: Any) -> None:
        """For a small model that costs about as much as a step. A callback that asks for its own `model` pays it too."""
        model.jax_state_sync()

    def forget_values(self, model: Any) -> None:
        if hasattr(model, "_jax_state"):
            model._jax_state = None
            model._jax_state_synced = True

    def note_variables(self, model: Any) -> None:
        """Up to Keras 3.11, `fit` looks once, as it starts, and whenever it traces the train step relies on it."""
        if hasattr(model, "_record_training_state_sharding_spec"):
            model._record_training_state_sharding_spec()

    def assignments(self, model: keras.Model, *, watched: bool) -> Assignments:
        """Values go into the next step, unless others could look at the variables before it, or those are distributed."""
        if watched or keras.distribution.distribution() is not None:
            return super().assignments(model, watched=watched)
        return _StepInput(self, model)

    def metric_reset(self, model: keras.Model, assignments: Assignments) -> Callable[[], None]:
        """A metric is nothing but its variables: they are assigned what the reset has left in them."""
        variables = model.metrics_variables
        values = [np.array(np.asarray(variable)) for variable in variables]
        return functools.partial(assignments.to(variables), values)


class _StepInput(Assignments):
    """Stands before the train step of a model, and puts values into the state that it is called with."""

    def __init__(self, backend: Backend, model: Any) -> None:
        super().__init__(backend, model)
        self._model: Any = model
        self._train: Callable[..., Any] | None = None
        self._values: dict[tuple[int, int], Any] = {}

    def to(self, variables: Sequence[keras.Variable]) -> Assign:
        return functools.partial(self._put, self._slots_of(variables))

    def release(self) -> None:
        if self._train is not None:
            self._model.train_function, self._train = self._train, None

    def _slots_of(self, variables: Sequence[keras.Variable]) -> list[_Slot]:
        owners = {_OPTIMIZER: self._model.optimizer.variables, _METRICS: self._model.metrics_variables}
        slots = {id(one): (part, index) for part, owned in owners.items() for index, one in enumerate(owned)}
        return [(*slots[id(one)], np.dtype(keras.backend.standardize_dtype(one.dtype))) for one in variables]

    def _put(self, slots: Sequence[_Slot], values: Sequence[Any]) -> None:
        if self._train is None:
            # Not earlier: a step that is compiled anew would take this place.
            self._train, self._model.train_function = self._model.train_function, self
        for (part, index, dtype), value in zip(slots, values, strict=True):
            self._values[part, index] = np.asarray(value, dtype)

    def __call__(self, state: Sequence[Sequence[Any]], iterator: Any) -> Any:
        assert self._train is not None
        parts = [list(part) for part in state]
        for (part, index), value in self._values.items():
            parts[part][index] = value
        self._values.clear()
        return self._train(tuple(parts), iterator)
