"""`Backend`: the operations of a callback on a running fit that differ between Keras' back ends."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from tb_lrfinder.loops.frameworks import are_several_processes

Assign = Callable[[Sequence[Any]], None]


class Assignments:
    """Changes variables of a model or its optimizer before each batch of a running fit.

    Args:
        backend: The back end.
        model: The model in training.
    """

    def __init__(self, backend: Backend, model: keras.Model) -> None:
        self._backend = backend
        self._model = model

    def to(self, variables: Sequence[keras.Variable]) -> Assign:
        """A function that takes a value for each of the variables, and assigns them."""
        return functools.partial(self._assign, [self._backend.assigner(variable) for variable in variables])

    def release(self) -> None:
        """Leaves the train step as it was; can be called again."""

    def _assign(self, assigners: Sequence[Callable[[Any], Any]], values: Sequence[Any]) -> None:
        self._backend.bring_back(self._model)
        for assign, value in zip(assigners, values, strict=True):
            assign(value)


class Backend:
    """A back end that trains on the model's own variables, in one process; the others say where they differ.

    Attributes:
        finalizes_after_failure: Whether a failing fit, too, puts the optimizer's averaged weights into the model.
        watched_calls: Names of the functions of a model through which a fit can fail unnoticed by its callbacks, its epoch
            iterator and its validation.
    """

    finalizes_after_failure = False
    watched_calls: tuple[str, ...] = ()

    def bring_back(self, model: keras.Model) -> None:
        """Copies the values that a running `fit` keeps outside the variables of its model, if it does, into them."""

    def forget_values(self, model: keras.Model) -> None:
        """Drops the values that a running `fit` keeps outside the variables, so that they cannot overwrite restored ones."""

    def note_variables(self, model: keras.Model) -> None:
        """Has a running `fit` record anew how the variables are distributed, after they changed or after `evaluate`."""

    def after_validation(self, model: keras.Model) -> None:
        """Undoes what `evaluate` left behind in the middle of an epoch."""
        self.note_variables(model)

    def keep_fit(self, model: keras.Model) -> Callable[[], None]:
        """Keeps what another `fit` changes in a model whose `fit` is running, beside the attributes that all back ends have
        and the values of variables, which must have been brought back; returns what puts it back, after the values.
        """
        del model
        return lambda: None

    def is_first_process(self) -> bool:
        """Whether this is the first of the processes that train one model (Keras' distribution API): it writes."""
        return getattr(keras.distribution.distribution(), "_process_id", 0) == 0

    def are_several_processes(self) -> bool:
        """Whether several processes train one model: by Keras' distribution API, or by `torch.distributed`."""
        return getattr(keras.distribution.distribution(), "_is_multi_process", False) or are_several_processes()

    def batch_spec(self, epoch_iterator: Any) -> Any:
        """Shapes and dtypes of a batch, structured like it; None where Keras has built the model before the fit begins."""
        del epoch_iterator

    def variable_scope(self, model: keras.Model) -> contextlib.AbstractContextManager[Any]:
        """The scope in which variables of a model must be made."""
        del model
        return contextlib.nullcontext()

    def building(self) -> contextlib.AbstractContextManager[Any]:
        """The scope in which variables that come to be in the middle of a train step have their values at once."""
        return contextlib.nullcontext()

    def attributes(self, layer: keras.Layer) -> Mapping[str, Any]:
        """The attributes of a layer by name."""
        return vars(layer)

    def hands_rate_to_step(self, model: keras.Model, optimizer: Any) -> bool:
        """Whether the train step of a model uses the rate that is assigned to an optimizer."""
        del model, optimizer
        return True

    def copies(self, variable: keras.Variable) -> Sequence[Any]:
        """The copies of a variable, one per replica; each can be read with NumPy and assigned to."""
        return (variable,)

    def assigner(self, variable: keras.Variable) -> Callable[[Any], Any]:
        """The quickest function that assigns a value to a variable."""
        return variable.assign

    def assignments(self, model: keras.Model, *, watched: bool) -> Assignments:
        """The cheapest way to change variables of a model in training.

        Args:
            model: The model in training.
            watched: Whether other callbacks act before a batch, and could look at the variables.
        """
        del watched
        return Assignments(self, model)

    def metric_reset(self, model: keras.Model, assignments: Assignments) -> Callable[[], None]:
        """A function that resets the metrics of a model faster than `reset_metrics`; they must have been reset once before.

        A mean is reset by zeros in its variables, which are assigned directly; any other metric resets itself.
        """
        means = [one for one in model.metrics if type(one).reset_state is keras.metrics.Mean.reset_state]
        others = [one for one in model.metrics if one not in means]
        assign = assignments.to([variable for mean in means for variable in (mean.total, mean.count)])
        zeros = [0.0] * (2 * len(means))

        def reset() -> None:
            assign(zeros)
            for one in others:
                one.reset_state()

        return reset
