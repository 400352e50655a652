"""The whole state of a model in training: building what is missing of it, copying it, restoring it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.loops.frameworks import global_random_states
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.found_optimizers import optimizers_of
from tb_lrfinder.training.optimizers import rate_holders


class ModelState:
    """Everything that training changes in a built model and its optimizers, and the global random numbers.

    That is more than the weights and the learning rate: BatchNorm statistics, the seeds of dropout, metrics, the moments and
    the iteration count of every optimizer that hangs on the model. The values are copied to the host, so the state costs no
    device memory.

    Args:
        model: The model.
        optimizers: Optimizers that may hang elsewhere.
    """

    def __init__(self, model: keras.Model, optimizers: Iterable[Any] = ()) -> None:
        self._model = model
        self._random = GlobalRandomState()
        found = [*optimizers_of(model).values(), *optimizers]
        self._optimizers = list({id(optimizer): optimizer for optimizer in found}.values())
        owned = (variable for optimizer in self._optimizers for variable in optimizer.variables)
        self._values = KeptValues([*model.variables, *model.metrics_variables, *owned])
        self._followed: list[Any] = []

    def follow_builds(self) -> None:
        """Keeps the first values of the slots, too, that an optimizer makes in the train step, until `restore`.

        An optimizer of a train step of its own is built when it is first applied, to variables that it alone knows.
        """
        for optimizer in self._optimizers:
            if not optimizer.built:
                optimizer.build = self._followed_build(optimizer)
                self._followed.append(optimizer)

    def has_changed(self, variables: Iterable[Any]) -> bool:
        """Whether one of the variables is new or has another value; `BACKEND.bring_back` must have been called."""
        return self._values.have_changed(variables)

    def restore(self, *, failing: bool = False) -> None:
        """Puts every value back, bit for bit.

        Args:
            failing: Whether an exception is leaving `fit` at this moment.
        """
        BACKEND.forget_values(self._model)
        while self._followed:
            del self._followed.pop().build
        self._values.restore()
        self._random.restore()
        optimizer: Any = self._model.optimizer
        if failing and _averages(optimizer) and BACKEND.finalizes_after_failure:
            # The fit puts the averaged weights into the model after this, and they must be restored again.
            optimizer.finalize_variable_values = functools.partial(self._restore_instead, optimizer)

    def _followed_build(self, optimizer: Any) -> Callable[..., None]:
        build = optimizer.build

        def followed(*args: Any, **kwargs: Any) -> None:
            before = set(map(id, optimizer.variables))
            with BACKEND.building():
                build(*args, **kwargs)
                self._values.keep(variable for variable in optimizer.variables if id(variable) not in before)

        return followed

    def _restore_instead(self, optimizer: Any, _variables: Any) -> None:
        del optimizer.finalize_variable_values
        self.restore()


def _averages(optimizer: Any) -> bool:
    """Whether an optimizer, if there is one, averages weights."""
    return optimizer is not None and any(part.use_ema for part in rate_holders(optimizer))


class KeptValues:
    """The values of variables, copied to the host.

    Args:
        variables: The variables; on JAX, `BACKEND.bring_back` must have been called.
    """

    def __init__(self, variables: Iterable[Any]) -> None:
        # By the id of each copy, which lies beside it, and so stays its own.
        self._values: dict[int, tuple[Any, NDArray[Any]]] = {}
        self.keep(variables)

    def keep(self, variables: Iterable[Any]) -> None:
        """Keeps those of further variables."""
        for variable in variables:
            for copy in BACKEND.copies(variable):
                # `asarray` first: Keras' variables do not know the `copy` argument that NumPy 2 hands to `array`.
                self._values[id(copy)] = copy, np.array(np.asarray(copy))

    def knows(self, variables: Iterable[Any]) -> bool:
        """Whether the values of all these variables are kept."""
        return all(id(copy) in self._values for variable in variables for copy in BACKEND.copies(variable))

    def have_changed(self, variables: Iterable[Any]) -> bool:
        """Whether one of the variables is new or has another value."""
        return any(
            id(copy) not in self._values or not np.array_equal(np.asarray(copy), self._values[id(copy)][1])
            for variable in variables
            for copy in BACKEND.copies(variable)
        )

    def restore(self) -> None:
        for variable, value in self._values.values():
            variable.assign(value)


class GlobalRandomState:
    """The state of the global random generators: Python's, NumPy's and those of the frameworks that are loaded.

    Keras shuffles arrays with them, and on PyTorch its dropout draws from them. (A `keras.random.SeedGenerator` belongs to
    its layer and is part of the model.)
    """

    def __init__(self) -> None:
        self._states = global_random_states()

    def restore(self) -> None:
        for state in self._states:
            state.restore()


def build(model: keras.Model, batch_spec: Any) -> None:
    """Builds whatever of a compiled model and its own optimizer is not built yet; no data are drawn for it.

    On TensorFlow, Keras builds both in the first step. Variables that do not exist yet can be neither kept nor restored.

    Args:
        model: The model whose `fit` is running.
        batch_spec: A batch of the fit: `x`, `(x, y)` or `(x, y, sample_weight)`, with a shape and a dtype
            in place of each tensor; None where Keras has built the model already.

    Raises:
        ValueError: If the model cannot be built from the shapes and dtypes of a batch.
    """
    optimizer = model.optimizer
    if batch_spec is not None and not all(layer.built for layer in model.layers):
        _call(model, batch_spec)
    if optimizer is not None and not optimizer.built:
        optimizer.build(model.trainable_variables)


def _call(model: keras.Model, batch_spec: Any) -> None:
    x, _, _ = keras.utils.unpack_x_y_sample_weight(batch_spec)
    try:
        model(
            keras.tree.map_structure(
                lambda one: keras.KerasTensor(one.shape, keras.backend.standardize_dtype(one.dtype)), x
            )
        )
    except Exception as error:
        raise ValueError(
            f"The model is not built, and could not be built for {x}: {error} "
            "Build it before `fit`: give it a `keras.Input`, or call it on one batch."
        ) from error
