"""JAX: `fit` keeps the values beside the model, and hands them from step to step."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from tb_lrfinder.training.backends.base import Assign, Assignments, Backend
from tb_lrfinder.training.keras_support import FINALIZES_AFTER_FAILURE

# The train step takes and returns the values of four lists of variables. A test changes these two.
_OPTIMIZER, _METRICS = 2, 3
# For each variable: its list, its index in the list, its dtype.
_Slot = tuple[int, int, np.dtype[Any]]


class JAXBackend(Backend):
    finalizes_after_failure = FINALIZES_AFTER_FAILURE

    def bring_back(self, model: Any) -> None:
        """Costs about as much as a step of a small model. A callback that reads its own `model` pays it too."""
        model.jax_state_sync()

    def forget_values(self, model: Any) -> None:
        if hasattr(model, "_jax_state"):
            model._jax_state = None
            model._jax_state_synced = True

    def note_variables(self, model: Any) -> None:
        """Up to Keras 3.11, `fit` records this only when it starts, and uses it each time it traces the train step."""
        if hasattr(model, "_record_training_state_sharding_spec"):
            model._record_training_state_sharding_spec()

    def assignments(self, model: keras.Model, *, watched: bool) -> Assignments:
        """Puts values into the next step's input, unless variables are distributed or other callbacks could read them."""
        if watched or keras.distribution.distribution() is not None:
            return super().assignments(model, watched=watched)
        return _StepInput(self, model)

    def metric_reset(self, model: keras.Model, assignments: Assignments) -> Callable[[], None]:
        """Assigns to the variables of every metric the values that the reset has left in them."""
        variables = model.metrics_variables
        values = [np.array(np.asarray(variable)) for variable in variables]
        return functools.partial(assignments.to(variables), values)


class _StepInput(Assignments):
    """Wraps the train step of a model and puts values into the state that it is called with."""

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
