"""What a range test asks of a framework: to read and set a rate, to keep a state, to put it back."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import numerals
from tb_lrfinder.storage.settings import SettingValue


class RateHolder:
    """Reads and sets the learning rate of one optimizer.

    Attributes:
        title: Name of the optimizer, as headers carry it: `"SGD, momentum 0.9"`.
        framework: Name of its framework, as headers carry it.
    """

    title = ""
    framework = ""

    def read(self) -> float:
        """The rate now; where parts of the optimizer have rates of their own, that of the part whose rate was highest."""
        raise NotImplementedError

    def coming(self) -> float:
        """The rate of the next update, as far as it is known by now."""
        return self.read()

    def made(self) -> int | None:
        """Updates that the optimizer has made since it came to be; None where nobody counts them."""
        return None

    def num_parameters(self) -> int | None:
        """The number of trainable parameters that the optimizer moves; None where it does not tell."""
        return None

    def precision(self) -> str | None:
        """The arithmetic of what the optimizer moves; None where it does not tell."""
        return None

    def hyperparameters(self) -> dict[str, SettingValue]:
        """What the optimizer is set to now beside the rate, by Keras' names where Keras has one."""
        raise NotImplementedError

    def follow(self) -> None:
        """Begins to note rate and settings of each update, where the optimizer tells of them; `give_back` ends it."""

    def noted(self) -> Callable[[], None]:
        """A function that puts back what is noted now of the last update."""
        return lambda: None

    def used(self) -> float:
        """The rate of the last update, before anybody has set another one: where the optimizer counts on by itself, the rate
        now is that of the next one."""
        return self.read()

    def settings(self) -> Mapping[str, float]:
        """Momentum and weight decay by the names of their columns, where the optimizer has them as numbers; while updates
        are followed, those of the last one."""
        return {}

    def take_over(self) -> None:
        """Begins to set rates; what is changed for that, `give_back` undoes."""

    def begin(self, rate: float) -> None:
        """Begins a training at a rate, from the state before the test: what the optimizer carries from step to step and has
        the rate in it becomes what it would be, had the training before used this one."""

    def as_used(self, rates: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rates that the optimizer will really use: those given, in the precision it keeps them in."""
        return rates

    def set(self, rate: float) -> None:
        """Has the next update use a rate; parts with rates of their own keep their ratios to the highest one."""
        raise NotImplementedError

    def count(self) -> int | None:
        """Updates made since `take_over`; None where nobody counts them."""
        return None

    def check(self) -> None:
        """Raises `RuntimeError` where somebody else has set the rate of an update."""

    def give_back(self) -> None:
        """Ends the setting of rates; the rate itself is restored with the state of the optimizer. Can be called again."""


class KeptState:
    """A state of something, as it was when this was made."""

    # Whether it is the state of a random generator: repeats do not begin with the same numbers.
    is_random = False

    def restore(self) -> None:
        """Puts the state back; can be called again."""
        raise NotImplementedError


class RateChangedError(RuntimeError):
    """Somebody else has set the rate of an update."""

    def __init__(self, title: str, found: float, wanted: float) -> None:
        super().__init__(
            "Nothing else may set the learning rate during a range test: leave the schedule out of the loop until it is "
            f"over. Received: {found:.6g} in {title}, where the test had set {wanted:.6g}."
        )


def name_of(thing: Any) -> str:
    """A thing in a message: its class, and its name where it has one."""
    name = getattr(thing, "name", None) or getattr(thing, "__name__", None)
    kind = type(thing).__name__
    return f"{kind} {name!r}" if isinstance(name, str) else kind


def named(optimizer: str, momentum: Any) -> str:
    """The name of an optimizer, with SGD's momentum, as headers carry it."""
    return (
        f"{optimizer}, momentum {numerals.number(float(momentum), 6)}" if optimizer == "SGD" and momentum else optimizer
    )


def most_common(sizes: Iterable[tuple[str, int]]) -> str | None:
    """The name that most numbers have, out of names with numbers each; None where there is none."""
    totals: dict[str, int] = {}
    for name, size in sizes:
        totals[name] = totals.get(name, 0) + size
    return max(totals, key=lambda name: totals[name], default=None)


def copied(value: Any) -> Any:
    """A copy of a state, its tensors and arrays where they lie.

    Arrays of JAX, too, although nothing writes to them: a compiled step may be given their memory.
    """
    if type(value) in (int, float, bool, str, bytes, type(None)):
        # The state of Python's generator is a tuple of 625 numbers.
        return value
    if type(value) is dict:
        return {key: copied(one) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(copied, value))
    jax = sys.modules.get("jax")
    return _copied_leaf(value) if jax is None else jax.tree.map(_copied_leaf, value)


def _copied_leaf(value: Any) -> Any:
    if hasattr(value, "detach"):
        return value.detach().clone()
    return value.copy() if hasattr(value, "sharding") else copy.deepcopy(value)
