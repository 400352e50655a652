"""JAX: `fit` keeps the values beside the model, and hands them from step to step."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from tb_lrfinder.training.backends.base import Assign, Assignments, Backend
from tb_lrfinder.training.keras_support import FINALIZES_AFTER_FAILURE

# Where the train step is handed the value of a variable: its list of the four of `_handed`, its index there, its dtype.
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

    def keep_fit(self, model: Any) -> Callable[[], None]:
        """The values beside the model were given away to the train step: the fit must take those of the variables."""

        def restore() -> None:
            self.forget_values(model)
            self.note_variables(model)

        return restore

    def hands_rate_to_step(self, model: Any, optimizer: Any) -> bool:
        """A compiled step takes what it is not handed for constants. Of the model's own optimizer it is handed all."""
        own = [] if model.optimizer is None else model.optimizer.variables
        return (
            model.run_eagerly
            or any(one is optimizer._iterations for one in own)
            or any(one is optimizer._learning_rate for one in model.non_trainable_variables)
        )

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
        return functools.partial(self._put, self._places_of(variables))

    def release(self) -> None:
        if self._train is not None:
            self._model.train_function, self._train = self._train, None

    def _places_of(self, variables: Sequence[keras.Variable]) -> list[_Slot | keras.Variable]:
        """The slot of each variable; the variable itself where a step that is not compiled looks it up."""
        parts = enumerate(_handed(self._model))
        slots = {id(one): (part, index) for part, handed in parts for index, one in enumerate(handed)}
        return [
            (*slots[id(one)], np.dtype(keras.backend.standardize_dtype(one.dtype))) if id(one) in slots else one
            for one in variables
        ]

    def _put(self, places: Sequence[_Slot | keras.Variable], values: Sequence[Any]) -> None:
        if self._train is None:
            # Not earlier: a step that is compiled anew would take this place.
            self._train, self._model.train_function = self._model.train_function, self
        for place, value in zip(places, values, strict=True):
            if isinstance(place, tuple):
                part, index, dtype = place
                self._values[part, index] = np.asarray(value, dtype)
            else:
                place.assign(value)

    def __call__(self, state: Sequence[Sequence[Any]], iterator: Any) -> Any:
        assert self._train is not None
        parts = [list(part) for part in state]
        for (part, index), value in self._values.items():
            parts[part][index] = value
        self._values.clear()
        return self._train(tuple(parts), iterator)


def _handed(model: Any) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """The variables whose values the train step takes and returns, in four lists."""
    return (
        model.trainable_variables,
        model.non_trainable_variables,
        [] if model.optimizer is None else model.optimizer.variables,
        model.metrics_variables,
    )
