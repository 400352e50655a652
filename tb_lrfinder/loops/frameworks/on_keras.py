"""Keras outside `fit`, and TensorFlow's modules: whatever holds variables that can be assigned to."""

from __future__ import annotations

import contextlib
import inspect
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import LEARNING_RATE, MOMENTUM, WEIGHT_DECAY
from tb_lrfinder.loops.frameworks.base import KeptState, RateChangedError, RateHolder, most_common, name_of, named
from tb_lrfinder.loops.frameworks.keras_schedules import RatesAhead, is_schedule, rates_of
from tb_lrfinder.storage.settings import SettingValue, settings_in

# The arguments of Keras' optimizers that are about a moving average of the weights.
_OF_EMA = ("use_ema", "ema_momentum", "ema_overwrite_frequency")


def innermost(optimizer: Any) -> Any:
    """The optimizer that a `LossScaleOptimizer` wraps."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def velocities_of(optimizer: Any) -> list[Any]:
    """The variables in which Keras' SGD and RMSprop add up their steps, each multiplied by the rate of its time."""
    optimizers = sys.modules["keras"].optimizers
    if isinstance(optimizer, optimizers.SGD):
        return list(getattr(optimizer, "momentums", []))
    return list(getattr(optimizer, "_momentums", [])) if isinstance(optimizer, optimizers.RMSprop) else []


def bring(velocity: Any, factor: float) -> None:
    """Makes a velocity what it would be, had its gradients been used with so many times the rate."""
    value = np.asarray(velocity)
    if value.any():
        velocity.assign(value * np.asarray(factor, value.dtype))


def hyperparameters_of(optimizer: Any) -> dict[str, SettingValue]:
    """What an optimizer of Keras, and of what it wraps, is set to beside the rate: the numbers and truth values that its
    constructor takes.

    No weight decay is one of 0. A switch that is off is told, so that it can be compared with one that is on; but the moving
    average of weights, where there is none, is not.
    """
    optimizer = innermost(optimizer)
    said = {name: _attribute(optimizer, name) for name in _constructor_names(type(optimizer))}
    if "weight_decay" in said and said["weight_decay"] is None:
        said["weight_decay"] = 0.0
    if not said.get("use_ema"):
        said = {name: value for name, value in said.items() if name not in _OF_EMA}
    found = settings_in(said)
    return {name: value for name, value in found.items() if not isinstance(value, str)}


def _constructor_names(kind: type) -> list[str]:
    """Names of the arguments that a class and those it is made from take, but for the rate."""
    makers = [vars(one)["__init__"] for one in kind.__mro__ if one is not object and "__init__" in vars(one)]
    names = dict.fromkeys(name for make in makers for name in _arguments_of(make))
    return [name for name in names if name not in (LEARNING_RATE, "name", "self")]


def _arguments_of(make: Any) -> list[str]:
    try:
        return list(inspect.signature(make).parameters)
    except (TypeError, ValueError):  # of one in C
        return []


def _attribute(optimizer: Any, name: str) -> Any:
    try:
        return getattr(optimizer, name, None)
    except Exception:  # a property of somebody's own
        return None


class KerasRate(RateHolder):
    """The rate of a Keras optimizer, be it a variable or a schedule.

    A schedule is stood in for by a function, which Keras calls for each update. A compiled train step takes in what is there
    when it is compiled, for good: it is refused.
    """

    framework = "keras"

    def __init__(self, optimizer: Any) -> None:
        self._optimizer = innermost(optimizer)
        self._schedule: Any = None
        self._was_asked = False
        self._wanted = self._rate_before = 0.0
        self._first = self._count()
        self._ahead = RatesAhead()
        self.title = named(type(self._optimizer).__name__, getattr(self._optimizer, "momentum", None))

    @property
    def _variable(self) -> Any:
        rate = self._optimizer._learning_rate
        return rate if hasattr(rate, "assign") else None

    def read(self) -> float:
        return float(np.asarray(self._optimizer.learning_rate))

    def coming(self) -> float:
        if not is_schedule(self._optimizer._learning_rate):
            return self.read()
        # Of the batches whose gradients make an update, the last one's rate is used.
        gathered, batches = self._optimizer.gradient_accumulation_steps or 1, self._batches()
        return float(
            rates_of(self._optimizer._learning_rate, np.array([batches - batches % gathered + gathered - 1]))[0]
        )

    def made(self) -> int | None:
        return self._count()

    def num_parameters(self) -> int | None:
        variables = getattr(self._optimizer, "_trainable_variables", ())
        return sum(math.prod(one.shape) for one in variables) if self._optimizer.built else None

    def precision(self) -> str | None:
        moved = getattr(self._optimizer, "_trainable_variables", ())
        return most_common((str(one.dtype), math.prod(one.shape)) for one in moved)

    def hyperparameters(self) -> dict[str, SettingValue]:
        return hyperparameters_of(self._optimizer)

    def used(self) -> float:
        if not is_schedule(self._optimizer._learning_rate):
            return self.read()
        # Keras asks a schedule with every batch, also while gradients are gathered. Before the first one, the rate is its.
        return self._ahead.at(self._optimizer._learning_rate, max(self._batches() - 1, 0))

    def settings(self) -> Mapping[str, float]:
        momentum = getattr(self._optimizer, "momentum", None)
        momentum = getattr(self._optimizer, "beta_1", None) if momentum is None else momentum
        found = {MOMENTUM: momentum, WEIGHT_DECAY: self._optimizer.weight_decay}
        return {name: float(value) for name, value in found.items() if isinstance(value, (int, float))}

    def take_over(self) -> None:
        self._first = self._count()
        self._rate_before = self.read()
        if self._variable is None:
            self._schedule = self._optimizer._learning_rate
            self._optimizer._learning_rate = self._stand_in

    def begin(self, rate: float) -> None:
        if self._rate_before > 0:
            for velocity in velocities_of(self._optimizer):
                bring(velocity, rate / self._rate_before)

    def as_used(self, rates: NDArray[np.float64]) -> NDArray[np.float64]:
        return rates.astype("float32").astype("float64") if self._variable is None else self._rounded(rates)

    def set(self, rate: float) -> None:
        self._wanted = rate
        if self._variable is not None:
            self._variable.assign(rate)

    def count(self) -> int | None:
        return self._count() - self._first

    def check(self) -> None:
        if self._schedule is not None and not self._was_asked and self.count():
            raise self._refusal()
        found = self._wanted if self._variable is None else float(np.asarray(self._variable))
        if found != self._wanted:
            raise RateChangedError(self.title, found, self._wanted)

    def give_back(self) -> None:
        if self._schedule is not None:
            self._optimizer._learning_rate, self._schedule = self._schedule, None

    def _rounded(self, rates: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(rates.astype(np.asarray(self._variable).dtype), np.float64)

    def _count(self) -> int:
        return int(np.asarray(self._optimizer.iterations))

    def _batches(self) -> int:
        """Batches that the optimizer has seen; of some, it may only have gathered the gradients."""
        return int(np.asarray(self._optimizer._iterations))

    def _stand_in(self) -> float:
        if _is_tracing(self._optimizer):
            raise self._refusal()
        self._was_asked = True
        return self._wanted

    def _refusal(self) -> ValueError:
        return ValueError(
            "An optimizer that follows a schedule cannot be swept in a compiled train step, which has taken the schedule "
            "in: give it a number as its learning rate for the test, or run the step eagerly. "
            f"Received: {self.title} with learning_rate={type(self._schedule).__name__}."
        )


def _is_tracing(optimizer: Any) -> bool:
    """Whether Keras is compiling at this moment: then variables have no values."""
    try:
        np.asarray(optimizer.iterations)
    except Exception:  # each back end has errors of its own for that
        return True
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and tensorflow.inside_function()


class VariablesState(KeptState):
    """The values of variables, in the memory of the host."""

    def __init__(self, variables: Iterable[Any]) -> None:
        self._values: list[tuple[Any, NDArray[Any]]] = []
        self.keep(variables)

    def keep(self, variables: Iterable[Any]) -> None:
        """Keeps the values of further variables."""
        # `asarray` first: Keras' variables do not know the `copy` argument that NumPy 2 hands to `array`.
        self._values += [(variable, np.array(np.asarray(variable))) for variable in variables]

    def restore(self) -> None:
        for variable, value in self._values:
            variable.assign(value)


class BuildState(VariablesState):
    """The first values of the variables that an optimizer makes in its first update, as it makes them."""

    def __init__(self, optimizer: Any) -> None:
        super().__init__(())
        self._optimizer = optimizer
        self._before = set(map(id, optimizer.variables))
        optimizer.build = self._followed(optimizer.build)

    def restore(self) -> None:
        vars(self._optimizer).pop("build", None)
        super().restore()

    def _followed(self, build: Callable[..., Any]) -> Callable[..., Any]:
        def followed(*args: Any, **kwargs: Any) -> None:
            with _outside_of_graphs():
                build(*args, **kwargs)
                self.keep(one for one in self._optimizer.variables if id(one) not in self._before)

        return followed


def _outside_of_graphs() -> contextlib.AbstractContextManager[Any]:
    """Where variables that come to be in a train step that TensorFlow compiles have values."""
    tensorflow = sys.modules.get("tensorflow")
    return contextlib.nullcontext() if tensorflow is None else tensorflow.init_scope()


class EagerRandomState(KeptState):
    """TensorFlow's global seed has no public getter; it and the generator behind it lie in the eager context."""

    is_random = True

    def __init__(self, context: Any) -> None:
        self._context = context
        self._seed = context._seed
        # Where nobody has set a seed, there is no generator either.
        generator = getattr(context, "_rng", None)
        self._operations = None if generator is None else generator.getstate()

    def restore(self) -> None:
        if self._context._seed != self._seed:
            self._context._set_global_seed(self._seed)
        if self._operations is not None:
            self._context._rng.setstate(self._operations)


class GlobalSeedState(KeptState):
    """The generator behind Keras' random functions that are given no seed; Keras makes it when it is first needed."""

    is_random = True
    _NAME = "global_seed_generator"

    def __init__(self, global_state: Any) -> None:
        self._global_state = global_state
        self._generator = global_state.get_global_attribute(self._NAME)
        self._value = None if self._generator is None else np.array(np.asarray(self._generator.state))

    def restore(self) -> None:
        if self._generator is not None:
            self._generator.state.assign(self._value)
        else:
            self._global_state.set_global_attribute(self._NAME, None)


def holds_variables(thing: Any) -> bool:
    """Whether a thing has variables that can be assigned to; a module of PyTorch may call something else so."""
    variables = getattr(thing, "variables", None)
    return isinstance(variables, (list, tuple)) and all(hasattr(one, "assign") for one in variables)


def variable_states(variables: Iterable[Any], seen: set[int]) -> list[KeptState]:
    new = {id(one): one for one in variables if id(one) not in seen}
    seen.update(new)
    return [VariablesState(new.values())]


def optimizer_states(optimizer: Any, seen: set[int]) -> list[KeptState]:
    """The states of an optimizer, those that it has yet to make among them."""
    states = variable_states(optimizer.variables, seen)
    if id(optimizer) in seen or getattr(optimizer, "built", True):
        return states
    seen.add(id(optimizer))
    return [*states, BuildState(optimizer)]


def module_states(holder: Any, seen: set[int]) -> list[KeptState]:
    """The states of what holds variables: a Keras model with its metrics and optimizer, a layer, a module of TensorFlow.

    Raises:
        ValueError: If it has none yet.
    """
    variables = [*holder.variables, *getattr(holder, "metrics_variables", ())]
    if not variables or not getattr(holder, "built", True):
        raise ValueError(
            "What `restore` names must be built: call the model on one batch first. "
            f"Received: {name_of(holder)}, which has no variables yet."
        )
    optimizer = getattr(holder, "optimizer", None)
    return variable_states(variables, seen) + ([] if optimizer is None else optimizer_states(optimizer, seen))
