"""optax: the rate lies in the state of an optimizer, which every update makes anew (`optax.inject_hyperparams`)."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import LEARNING_RATE, MOMENTUM, WEIGHT_DECAY
from tb_lrfinder.loops.frameworks.base import RateChangedError, RateHolder, named
from tb_lrfinder.storage.settings import SettingValue, alike, settings_in

# What optax calls the state of a rule, and how Keras calls the optimizer.
_RULES = {"Adam": "Adam", "Lion": "Lion", "Rms": "RMSprop", "RStdDev": "RMSprop", "Belief": "AdaBelief", "Muon": "Muon"}
# The states of rules that have the shapes of the parameters: first and second moments, momentum.
_AVERAGES = ("mu", "nu", "trace")
# What optax calls hyperparameters that Keras calls otherwise.
_NAMES = {"b1": "beta_1", "b2": "beta_2", "eps": "epsilon", "decay": "rho"}


class OptaxRate(RateHolder):
    """The rate in the state that a function returns.

    Args:
        current: Returns the state of the optimizer as it is now.

    Raises:
        ValueError: If there is no rate in it.
    """

    framework = "optax"

    def __init__(self, current: Callable[[], Any]) -> None:
        self._current = current
        states = self._states()
        if not states:
            raise ValueError(
                "`optimizer` must be one with a learning rate that can be set: make it by "
                "`optax.inject_hyperparams(optax.adam)(learning_rate=0.001)`, and pass a function that returns its state as "
                f"it is now. Received: a function that returns {type(current()).__name__}, with no `learning_rate` in it."
            )
        rates = [float(state.hyperparams[LEARNING_RATE]) for state in states]
        self._highest = int(np.argmax(rates))
        most = rates[self._highest]
        self._ratios = [rate / most if most > 0 else 1.0 for rate in rates]
        self.title = _title(states[self._highest])
        self._first = self._count()
        self._wanted: float | None = None
        self._begun_with: list[tuple[dict[str, Any], Any]] = []

    def read(self) -> float:
        return _number_in(self._states()[self._highest].hyperparams[LEARNING_RATE])

    def made(self) -> int | None:
        return self._count()

    def num_parameters(self) -> int | None:
        for averages in _averages_in(self._states()[self._highest].inner_state):
            leaves = _leaves(averages)
            return sum(math.prod(leaf.shape) for leaf in leaves) if leaves else None
        return None

    def hyperparameters(self) -> dict[str, SettingValue]:
        """The numbers that `inject_hyperparams` holds, where parts have rates of their own those that are alike."""
        held = [settings_in(state.hyperparams) for state in self._states()]
        return alike([{_NAMES.get(name, name): one[name] for name in one if name != LEARNING_RATE} for one in held])

    def settings(self) -> Mapping[str, float]:
        held = self._states()[self._highest].hyperparams
        found = {MOMENTUM: held.get("momentum", held.get("b1")), WEIGHT_DECAY: held.get("weight_decay")}
        return {name: float(value) for name, value in found.items() if value is not None}

    def take_over(self) -> None:
        self._first = self._count()
        self._wanted = None
        self._begun_with = [(state.hyperparams, state.hyperparams[LEARNING_RATE]) for state in self._states()]

    def as_used(self, rates: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(rates.astype(self._dtype(self._states()[self._highest])), np.float64)

    def set(self, rate: float) -> None:
        self._wanted = rate
        for state, ratio in zip(self._states(), self._ratios, strict=True):
            # In place: the state is a named tuple, whose mapping the next update reads. NumPy's array has shape, dtype and
            # placement of the one before, so that nothing is compiled anew.
            state.hyperparams[LEARNING_RATE] = np.asarray(rate * ratio, self._dtype(state))

    def count(self) -> int | None:
        return self._count() - self._first

    def check(self) -> None:
        found = self.read()
        if self._wanted is not None and found != self._wanted:
            raise RateChangedError(self.title, found, self._wanted)

    def give_back(self) -> None:
        # The state that the test began with may still be somebody's.
        while self._begun_with:
            held, rate = self._begun_with.pop()
            held[LEARNING_RATE] = rate
        self._wanted = None

    def _states(self) -> list[Any]:
        return list(_with_rates(self._current()))

    def _count(self) -> int:
        return _number_in(self._states()[self._highest].count)

    @staticmethod
    def _dtype(state: Any) -> Any:
        return state.hyperparams[LEARNING_RATE].dtype


def _number_in(array: Any) -> Any:
    """The number in an array of JAX. `float` and its own `item` go through more of JAX: two to four times as long."""
    return np.asarray(array).item()


def _with_rates(state: Any) -> Iterator[Any]:
    """The states of `inject_hyperparams` within a state, which hold a learning rate."""
    held = getattr(state, "hyperparams", None)
    if isinstance(held, dict):
        if LEARNING_RATE in held:
            yield state
    elif isinstance(state, dict):
        for one in state.values():
            yield from _with_rates(one)
    elif isinstance(state, (tuple, list)):
        for one in state:
            yield from _with_rates(one)


def _averages_in(state: Any) -> Iterator[Any]:
    """The averages of gradients within a state, each in the shape of its parameter; plain SGD has none."""
    for name in _AVERAGES:
        if hasattr(state, name):
            yield getattr(state, name)
    if isinstance(state, (tuple, list)):
        for one in state:
            yield from _averages_in(one)


def _leaves(tree: Any) -> list[Any]:
    jax = sys.modules.get("jax")
    return [] if jax is None else [leaf for leaf in jax.tree.leaves(tree) if hasattr(leaf, "shape")]


def _title(state: Any) -> str:
    """The name of the optimizer that the states of its rules tell of."""
    names = list(_kinds(state.inner_state))
    for name in names:
        found = re.fullmatch(r"ScaleBy(\w+?)State", name)
        if found and found[1] in _RULES:
            decays = found[1] == "Adam" and "weight_decay" in state.hyperparams
            return f"{_RULES[found[1]]}W" if decays else _RULES[found[1]]
    if "TraceState" in names:
        momentum = state.hyperparams.get("momentum")
        return "SGD, momentum" if momentum is None else named("SGD", momentum)
    return "SGD" if set(names) <= {"EmptyState", "tuple"} else " ".join(dict.fromkeys(names))


def _kinds(state: Any) -> Iterator[str]:
    """The names of the types of all states within one."""
    if isinstance(state, (tuple, list)):
        if hasattr(state, "_fields"):
            yield type(state).__name__
        else:
            for one in state:
                yield from _kinds(one)
