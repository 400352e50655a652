"""Reads dataclasses from JSON, and checks that every field holds a value of its annotated type."""

from __future__ import annotations

import dataclasses
import functools
import types
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")
# JSON has numbers of any size: beyond this, they fit neither a float64 nor what is computed with them.
_LARGEST = 2.0**1000
_WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false", types.NoneType: "nothing"}


def decode(kind: type[_T], content: Any) -> _T:
    """A dataclass out of a decoded JSON object; fields that it does not have are ignored.

    Args:
        kind: The dataclass. Of its fields' types, it knows numbers, texts, literals, tuples, other classes and their unions.
        content: The object. What stands in it for tuples and other classes must be decoded already.

    Raises:
        TypeError: If a field is missing.
        ValueError: If it is no object, or a field holds something else.
    """
    if not isinstance(content, dict):
        raise ValueError(f"An object was expected. Received: {content!r:.80}.")
    hints = _hints(kind)
    decoded = kind(**{name: value for name, value in content.items() if name in hints})
    check(decoded)
    return decoded


def check(instance: Any) -> None:
    """Raises `ValueError` unless every field of a dataclass holds what its annotation says."""
    for name, hint in _hints(type(instance)).items():
        value = getattr(instance, name)
        if not _fits(value, hint):
            raise ValueError(f"`{name}` must be {_described(hint)}. Received: {name}={repr(value)[:80]}.")


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _fits(value: Any, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if origin is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(one, get_args(hint)[0]) for one in value)
    if hint in (int, float):
        return _is_number(value) and (hint is float or float(value).is_integer())
    return isinstance(value, hint)


def _is_number(value: Any) -> bool:
    """Whether a value is a real number that is not too large; NaN and the infinities are."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return isinstance(value, float) or abs(value) <= _LARGEST


def _described(hint: Any) -> str:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(map(_described, get_args(hint)))
    if origin is Literal:
        return f"one of {', '.join(get_args(hint))}"
    return _WORDS.get(hint) or getattr(hint, "__name__", str(hint))
