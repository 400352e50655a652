"""The parameters of recipes: their kinds, their ranges, and the defaults that follow from a rate and a length."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from tb_lrfinder import arguments, numerals

Kind = Literal["number", "integer", "choice"]
Origin = Literal["learning_rate", "lower"]
Value = float | int | str

# What the planner starts from when nothing was suggested: Adam's default in Keras.
TOTAL_STEPS, LEARNING_RATE = 1000, 0.001
_BOUNDS_RATIO = 10.0
# Beyond it, an array of all rates would take more than the memory that TensorBoard's process should.
MAX_STEPS = 10_000_000
# The span of rates that float32 holds with room to spare.
RATES = (1e-12, 1e6)


@dataclass(frozen=True)
class Basis:
    """The values that the defaults of all recipes are taken from.

    Attributes:
        total_steps: Steps of the whole training.
        learning_rate: The rate to start from: the constant rate, the peak, or the upper bound.
        lower: The lower bound of cyclical rates, below the rate.
    """

    total_steps: int
    learning_rate: float
    lower: float


def basis_of(total_steps: int = TOTAL_STEPS, learning_rate: float = LEARNING_RATE, lower: float | None = None) -> Basis:
    """What is given, and the defaults of the rest.

    Args:
        total_steps: Steps of the whole training, from 2 to `MAX_STEPS`.
        learning_rate: The rate of a suggestion for the `use` of a recipe, positive.
        lower: The lower bound of cyclical rates (`Use.lower`), positive and below the rate; None takes a tenth of it.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> basis_of(learning_rate=0.5)
        Basis(total_steps=1000, learning_rate=0.5, lower=0.05)
    """
    check_total_steps(total_steps)
    arguments.positive(learning_rate=learning_rate)
    lower = learning_rate / _BOUNDS_RATIO if lower is None else lower
    rule = f"positive and below {numerals.number(learning_rate, 6)}"
    arguments.number(rule, lambda value: 0 < value < learning_rate, lower=lower)
    return Basis(int(total_steps), float(learning_rate), float(lower))


@dataclass(frozen=True)
class Parameter:
    """One number or choice of a recipe.

    Attributes:
        name: Its name in the formula and in the class that `code` builds.
        label: The same for people.
        help: One sentence on what it does, for who reads its label and wonders.
        kind: `"number"`, `"integer"` or `"choice"`.
        default: Its value for a basis.
        minimum: The lowest value of a number.
        maximum: The highest value of a number.
        choices: The values of a choice.
        origin: The rate of the basis that the default is; None for what is no rate of the basis.
    """

    name: str
    label: str
    help: str
    kind: Kind
    default: Callable[[Basis], Value]
    minimum: float = 0.0
    maximum: float = 1.0
    choices: tuple[str, ...] = ()
    origin: Origin | None = None

    def checked(self, value: Any) -> Value:
        """The value as a Python `float`, `int` or `str`.

        Raises:
            ValueError: If it is of another kind or outside the range.
        """
        if self.kind == "choice":
            arguments.one_of(self.choices, **{self.name: value})
            return str(value)
        if self.kind == "integer":
            arguments.whole(int(self.minimum), **{self.name: value})
        arguments.between(self.minimum, self.maximum, **{self.name: value})
        return int(value) if self.kind == "integer" else float(value)


def check_total_steps(total_steps: int) -> None:
    """Raises `ValueError` for a length that no schedule has."""
    arguments.whole(2, total_steps=total_steps)
    arguments.between(2, MAX_STEPS, total_steps=total_steps)


def rate(name: str, label: str, help: str, origin: Origin = "learning_rate") -> Parameter:
    return number(name, label, help, attrgetter(origin), *RATES, origin=origin)


def number(
    name: str,
    label: str,
    help: str,
    default: float | Callable[[Basis], float],
    minimum: float,
    maximum: float,
    origin: Origin | None = None,
) -> Parameter:
    return Parameter(
        name=name,
        label=label,
        help=help,
        kind="number",
        default=default if callable(default) else lambda basis: default,
        minimum=minimum,
        maximum=maximum,
        origin=origin,
    )


def integer(name: str, label: str, help: str, default: Callable[[Basis], int], maximum: int) -> Parameter:
    return Parameter(name=name, label=label, help=help, kind="integer", default=default, minimum=1, maximum=maximum)


def steps(name: str, label: str, help: str, parts: int) -> Parameter:
    """So many steps that the training has this many parts; rounded up, so that no rest begins another part."""
    return integer(name, label, help, lambda basis: math.ceil(basis.total_steps / parts), MAX_STEPS)


def choice(name: str, label: str, help: str, choices: tuple[str, ...]) -> Parameter:
    return Parameter(
        name=name, label=label, help=help, kind="choice", default=lambda basis: choices[0], choices=choices
    )
