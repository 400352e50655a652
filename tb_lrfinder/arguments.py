"""Checks of arguments that are numbers or choices: each raises a `ValueError` that names the argument and the rule.

Values come as keywords, so that the message carries their names.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any


def one_of(choices: Iterable[str], **values: Any) -> None:
    """Raises `ValueError` unless every value is one of the choices.

    Example:
        >>> one_of(("cosine", "linear"), shape="round")
        Traceback (most recent call last):
        ValueError: `shape` must be one of cosine, linear. Received: shape='round'.
    """
    known = list(choices)
    for name, value in values.items():
        if value not in known:
            raise ValueError(f"`{name}` must be one of {', '.join(known)}. Received: {name}={value!r}.")


def number(rule: str, holds: Callable[[Any], bool], **values: Any) -> None:
    """Raises `ValueError`, with the rule in words, unless it holds for every value and each is a real number."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or not holds(value):
            raise ValueError(f"`{name}` must be {rule}. Received: {name}={value!r}.")


def between(minimum: float, maximum: float, **values: Any) -> None:
    """Raises `ValueError` unless every value is a number from `minimum` to `maximum`, both included."""
    number(f"in [{minimum:g}, {maximum:g}]", lambda value: minimum <= value <= maximum, **values)


def whole(minimum: int, **values: Any) -> None:
    """Raises `ValueError` unless every value is a whole number of at least `minimum`."""
    rule = f"a whole number of at least {minimum}"
    number(rule, lambda value: isinstance(value, numbers.Integral) and int(value) >= minimum, **values)


positive = partial(number, "positive and finite", lambda value: 0 < value < math.inf)
not_negative = partial(number, "zero or positive, and finite", lambda value: 0 <= value < math.inf)
at_least_one = partial(number, "at least 1 and finite", lambda value: 1 <= value < math.inf)
share = partial(between, 0, 1)
share_above_zero = partial(number, "in (0, 1]", lambda value: 0 < value <= 1)
