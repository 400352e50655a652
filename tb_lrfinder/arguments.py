"""Checks of arguments that are numbers or choices: each raises a `ValueError` that names the argument and the rule.

Values come as keywords, so that the message carries their names.
"""

from __future__ import annotations

import math
import numbers
import reprlib
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
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"`{name}` must be one of {', '.join(known)}. Received: {name}={shown(value)}.")


def number(rule: str, holds: Callable[[Any], bool], **values: Any) -> None:
    """Raises `ValueError`, with the rule in words, unless it holds for every value and each is a real number."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or not holds(value):
            raise ValueError(f"`{name}` must be {rule}. Received: {name}={shown(value)}.")


def as_float(name: str, value: Any) -> float:
    """The number that a value is: a Python or NumPy number, a 0-d array, or a tensor that holds one.

    Args:
        name: Name of the argument.
        value: Its value. One of PyTorch may require a gradient.

    Raises:
        ValueError: If it is no real number, or one that is too large for a float; a truth value is none.

    Example:
        >>> as_float("loss", "0.5")
        Traceback (most recent call last):
        ValueError: `loss` must be a number. Received: loss='0.5'.
    """
    if type(value) is float:
        return value
    cause = None
    try:
        plain = scalar(value)
        # What tensors and arrays hold: an abstract class is asked much more slowly.
        if type(plain) is float:
            return plain
        if isinstance(plain, numbers.Real) and not isinstance(plain, bool):
            return float(plain)
    except Exception as error:  # each library has errors of its own for a tensor that holds no value
        cause = error
    raise ValueError(f"`{name}` must be a number. Received: {name}={shown(value)}.") from cause


def scalar(value: Any) -> Any:
    """The Python value in a scalar, 0-d array or tensor of any library; anything else as it is."""
    if getattr(value, "shape", None) != ():
        return value
    # Not `float`, by which PyTorch warns of a tensor that requires a gradient.
    return value.item() if hasattr(value, "item") else value.numpy().item()


def shown(value: Any) -> str:
    """A value in a message: short, and of an array its shape alone."""
    shape = getattr(value, "shape", ())
    if shape == ():
        text = repr(value) if isinstance(value, numbers.Real) and not isinstance(value, int) else reprlib.repr(value)
        return " ".join(text.split())[:100]
    return f"{type(value).__name__} of shape {list(shape)}"


def between(minimum: float, maximum: float, **values: Any) -> None:
    """Raises `ValueError` unless every value is a number from `minimum` to `maximum`, both included."""
    number(f"in [{minimum:g}, {maximum:g}]", lambda value: minimum <= value <= maximum, **values)


def whole(minimum: int, **values: Any) -> None:
    """Raises `ValueError` unless every value is a whole number of at least `minimum`."""
    rule = f"a whole number of at least {minimum}"
    number(rule, lambda value: isinstance(value, numbers.Integral) and int(value) >= minimum, **values)


def _is_finite(value: Any) -> bool:
    """Whether a number has a value as a float: one of Python's whole numbers may be too large for that."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


positive = partial(number, "positive and finite", lambda value: value > 0 and _is_finite(value))
not_negative = partial(number, "zero or positive, and finite", lambda value: value >= 0 and _is_finite(value))
at_least_one = partial(number, "at least 1 and finite", lambda value: value >= 1 and _is_finite(value))
share = partial(between, 0, 1)
share_above_zero = partial(number, "in (0, 1]", lambda value: 0 < value <= 1)
