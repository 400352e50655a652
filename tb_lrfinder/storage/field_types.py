"""Reads dataclasses from JSON, and checks that every field holds a value of its annotated type and range."""

from __future__ import annotations

import dataclasses
import functools
import math
import re
import sys
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")
_WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false", types.NoneType: "nothing"}
# Characters of a received value in a message.
_SHOWN = 80
# The whole numbers that are exact as float64 and in a browser.
LARGEST_WHOLE = 2**53
# Seconds since the epoch until the end of the year 9999, the last one of Python's dates; a browser's reach further.
LATEST_TIME = 253402300799.0
# Characters of a text: a name of an optimizer or a host, or a sentence or two.
TEXT_LENGTH = 1_000
# The escape sequences of terminals, with which Keras makes names bold, and what else is neither shown nor encoded: control
# characters but tab and line feed, and halves of UTF-16 pairs.
_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a value must be beside its type, as part of an annotation: `Annotated[int, Rule("of at least 1", ...)]`.

    Attributes:
        words: The rule, as it follows the name of the type in a sentence.
        holds: Whether a value of that type fulfils it.
    """

    words: str
    holds: Callable[[Any], bool]


def whole_from(lowest: int) -> Rule:
    """The rule of a whole number from `lowest` to 2**53."""
    return Rule(f"from {lowest} to {LARGEST_WHOLE}", lambda value: lowest <= value <= LARGEST_WHOLE)


def at_most(count: int, things: str) -> Rule:
    """The rule of a tuple, a text or a mapping of limited length."""
    return Rule(f"of at most {count} {things}", lambda value: len(value) <= count)


def named_by(words: str, holds: Callable[[str], bool]) -> Rule:
    """The rule of a mapping whose names are texts that fulfil a rule."""
    return Rule(words, lambda value: all(isinstance(name, str) and holds(name) for name in value))


Count = Annotated[int, whole_from(0)]
Size = Annotated[int, whole_from(1)]
# The comparisons refuse NaN as well, and whole numbers too large for a float64.
Rate = Annotated[float, Rule("that is positive and finite", lambda value: 0 < value <= sys.float_info.max)]
Loss = Annotated[
    float, Rule("that is finite or +∞", lambda value: value == math.inf or abs(value) <= sys.float_info.max)
]
Time = Annotated[float, Rule(f"from 0 to {LATEST_TIME:.0f} (seconds)", lambda value: 0 <= value <= LATEST_TIME)]
Text = Annotated[
    str,
    at_most(TEXT_LENGTH, "characters"),
    Rule("without control characters or halves of pairs", lambda value: _NOT_TEXT.search(value) is None),
]
Word = Annotated[
    str,
    Rule(
        "of 1 to 100 letters, digits, - and _", lambda value: re.fullmatch(r"[0-9A-Za-z_-]{1,100}", value) is not None
    ),
]


def fitting(text: str) -> str:
    """A `Text` out of any text: without what none may hold, and cut to the length."""
    clean = _NOT_TEXT.sub("", _ESCAPE_SEQUENCE.sub("", text))
    return clean if len(clean) <= TEXT_LENGTH else f"{clean[: TEXT_LENGTH - 1]}…"


def shown(value: Any) -> str:
    """A received value for a message, on one line, cut to 80 characters. Never raises."""
    try:
        return " ".join(repr(value).split())[:_SHOWN]
    except Exception:  # numbers of thousands of digits, lists in lists without end, objects of other programs
        return f"a value of type {type(value).__name__} that cannot be shown"


def decode(kind: type[_T], content: Any, place: str = "") -> _T:
    """A dataclass out of a decoded JSON object; fields that it does not have are ignored.

    Args:
        kind: The dataclass. It knows fields of numbers, texts, literals, tuples of one type, mappings of texts to one type,
            dataclasses, and their unions, each with rules.
        content: The object.
        place: Where it stands, for messages.

    Raises:
        ValueError: If it is no object, or a field is missing or holds something else.
    """
    if not isinstance(content, dict):
        raise ValueError(f"`{place or kind.__name__.lower()}` must be an object. Received: {shown(content)}.")
    hints = _hints(kind)
    prefix = f"{place}." if place else ""
    missing = next((name for name in _required(kind) if name not in content), None)
    if missing is not None:
        raise ValueError(f"`{prefix}{missing}` is missing. Received: {shown(content)}.")
    given = {name: _decoded(content[name], hint, prefix + name) for name, hint in hints.items() if name in content}
    decoded = kind(**given)
    check(decoded, place)
    return decoded


def check(instance: Any, place: str = "") -> None:
    """Raises `ValueError` unless every field of a dataclass holds what its annotation says."""
    prefix = f"{place}." if place else ""
    for name, hint in _hints(type(instance)).items():
        check_value(getattr(instance, name), hint, prefix + name)


def check_value(value: Any, hint: Any, place: str) -> None:
    """Raises `ValueError` unless a value is what a type with rules says.

    Args:
        value: The value.
        hint: The type.
        place: Where it stands, for the message, which tells the rules to a value of that type only.
    """
    if not fits(value, hint):
        types_alone = _parts(hint)
        has_type = any(fits(value, one) for one in types_alone)
        words = _described(hint) if has_type else " or ".join(map(_described, types_alone))
        raise ValueError(f"`{place}` must be {words}. Received: {place}={shown(value)}.")
    if isinstance(value, tuple):
        for index, one in enumerate(value):
            check_value(one, _item_of(hint), f"{place}[{index}]")
    elif isinstance(value, Mapping):
        for name, one in value.items():
            check_value(one, _value_of(hint), f"{place}[{shown(name)}]")
    elif dataclasses.is_dataclass(value):
        check(value, place)


def _decoded(value: Any, hint: Any, place: str) -> Any:
    """The objects and lists of JSON as dataclasses and tuples, where the annotation has some; all else as it is."""
    if isinstance(value, list) and _item_of(hint) is not None:
        return tuple(_decoded(one, _item_of(hint), f"{place}[{index}]") for index, one in enumerate(value))
    kind: Any = next(filter(dataclasses.is_dataclass, _parts(hint)), None)
    return value if kind is None or value is None else decode(kind, value, place)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _required(kind: Any) -> list[str]:
    missing = dataclasses.MISSING
    return [one.name for one in dataclasses.fields(kind) if one.default is missing and one.default_factory is missing]


def _parts(hint: Any) -> list[Any]:
    """The members of a union, or the type alone; each without its rules."""
    if get_origin(hint) is Annotated:
        return _parts(get_args(hint)[0])
    return [part for one in get_args(hint) for part in _parts(one)] if _is_union(hint) else [hint]


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType)


def _item_of(hint: Any) -> Any:
    """The type of the elements of a tuple; None where the annotation has none."""
    return next((get_args(one)[0] for one in _parts(hint) if get_origin(one) is tuple), None)


def _value_of(hint: Any) -> Any:
    """The type of the values of a mapping."""
    return next(get_args(one)[1] for one in _parts(hint) if get_origin(one) is Mapping)


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of a type and fulfils its rules; what a tuple, a mapping or a dataclass holds is not looked at."""
    origin = get_origin(hint)
    if origin is Annotated:
        base, *rules = get_args(hint)
        return fits(value, base) and all(rule.holds(value) for rule in rules)
    if _is_union(hint):
        return any(fits(value, one) for one in get_args(hint))
    if origin is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, (int, float) if hint is float else origin or hint)


def _described(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        base, *rules = get_args(hint)
        return f"{_described(base)} {', '.join(rule.words for rule in rules)}"
    if _is_union(hint):
        return " or ".join(map(_described, get_args(hint)))
    if get_origin(hint) is Literal:
        return f"one of {', '.join(get_args(hint))}"
    if get_origin(hint) is tuple:
        return "a list"
    if get_origin(hint) is Mapping:
        return "an object"
    return _WORDS.get(hint) or f"a {getattr(hint, '__name__', str(hint)).lower()}"
