"""Assigning to the variables of a model in training, in every batch, at the least cost each back end allows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

# What the train step on JAX takes and gives back: the values of four lists of variables. These two a test changes.
_OPTIMIZER, _METRICS = 2, 3

Assign = Callable[[Sequence[Any]], None]


def bring_back(model: keras.Model) -> None:
    """Puts into the variables of a model the values that its running `fit` trains with; on JAX only, those lie elsewhere.

    For a small model that costs about as much as a step. A callback that asks for its own `model` pays it too.
    """
    if keras.backend.backend() == "jax":
        model.jax_state_sync()


class Assignments:
    """Changes variables of a model or its optimizer before each batch of a running fit.

    On TensorFlow, Keras converts a value and reads the variable back; going to the `tf.Variable` itself takes a third of the
    time. Replicated variables, whose assignment the strategy must see, are left to Keras.

    On JAX, `fit` hands the values from step to step beside the model: the new ones are handed to the next step with them.
    Where somebody else could look at the variables before the step, or they are distributed over devices, they are brought
    back and assigned.

    Args:
        model: The model in training.
        watched: Whether other callbacks act before a batch.
    """

    def __init__(self, model: keras.Model, *, watched: bool) -> None:
        self._model = model
        beside = keras.backend.backend() == "jax" and not watched and keras.distribution.distribution() is None
        self._step_input = _StepInput(model) if beside else None

    def to(self, variables: Sequence[keras.Variable]) -> Assign:
        """A function that takes a value for each of the variables, and assigns them."""
        if self._step_input is not None:
            return functools.partial(self._step_input.put, self._step_input.places_of(variables))
        return functools.partial(self._assign, [_assigner(variable) for variable in variables])

    def release(self) -> None:
        """Leaves the train step as it was; can be called again."""
        if self._step_input is not None:
            self._step_input.release()

    def _assign(self, assigners: Sequence[Callable[[Any], Any]], values: Sequence[Any]) -> None:
        bring_back(self._model)
        for assign, value in zip(assigners, values, strict=True):
            assign(value)


class _StepInput:
    """Stands before the train step of a model on JAX, and puts values into the state that it is called with."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._train: Callable[..., Any] | None = None
        self._values: dict[tuple[int, int], Any] = {}

    def places_of(self, variables: Sequence[keras.Variable]) -> list[tuple[int, int, np.dtype[Any]]]:
        """Where in the state the value of each variable lies, and its dtype."""
        owners = {_OPTIMIZER: self._model.optimizer.variables, _METRICS: self._model.metrics_variables}
        places = {id(one): (part, index) for part, owned in owners.items() for index, one in enumerate(owned)}
        return [(*places[id(one)], np.dtype(keras.backend.standardize_dtype(one.dtype))) for one in variables]

    def put(self, places: Sequence[tuple[int, int, np.dtype[Any]]], values: Sequence[Any]) -> None:
        if self._train is None:
            # Not earlier: a step that is compiled anew would take this place.
            self._train, self._model.train_function = self._model.train_function, self
        for (part, index, dtype), value in zip(places, values, strict=True):
            self._values[part, index] = np.asarray(value, dtype)

    def release(self) -> None:
        if self._train is not None:
            self._model.train_function, self._train = self._train, None

    def __call__(self, state: Sequence[Sequence[Any]], iterator: Any) -> Any:
        assert self._train is not None
        parts = [list(part) for part in state]
        for (part, index), value in self._values.items():
            parts[part][index] = value
        self._values.clear()
        return self._train(tuple(parts), iterator)


class MetricReset:
    """Resets the metrics of a model, as `model.reset_metrics()` does, many times.

    On TensorFlow and PyTorch, where a metric is reset by zeros in its variables, they are assigned directly; any other
    resets itself. On JAX a metric is nothing but its variables: they are assigned what the first reset left in them.
    """

    def __init__(self, model: keras.Model, assignments: Assignments) -> None:
        self._model = model
        self._assignments = assignments
        # Such a model knows more than the list of its metrics.
        self._resets_itself = type(model).reset_metrics is not keras.Model.reset_metrics
        self._reset: Callable[[], None] | None = None

    def __call__(self) -> None:
        if self._reset is not None:
            self._reset()
            return
        bring_back(self._model)
        self._model.reset_metrics()
        if not self._resets_itself:
            by_values = keras.backend.backend() == "jax"
            self._reset = self._by_values() if by_values else self._by_metrics()

    def _by_values(self) -> Callable[[], None]:
        variables = self._model.metrics_variables
        values = [np.array(np.asarray(variable)) for variable in variables]
        return functools.partial(self._assignments.to(variables), values)

    def _by_metrics(self) -> Callable[[], None]:
        means = [one for one in self._model.metrics if type(one).reset_state is keras.metrics.Mean.reset_state]
        others = [one for one in self._model.metrics if one not in means]
        assign = self._assignments.to([variable for mean in means for variable in (mean.total, mean.count)])
        zeros = [0.0] * (2 * len(means))

        def reset() -> None:
            assign(zeros)
            for one in others:
                one.reset_state()

        return reset


def _assigner(variable: keras.Variable) -> Callable[[Any], Any]:
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if isinstance(variable.value, tf.Variable) and not isinstance(variable.value, tf.distribute.DistributedValues):
            return functools.partial(variable.value.assign, read_value=False)
    return variable.assign
