"""`--where`: chooses range tests by their settings, as `width=64` or `batch_size>=64`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt
}  # fmt: skip
_CONDITION = re.compile(r"\s*(?P<name>.+?)\s*(?P<sign><=|>=|!=|=|<|>)\s*(?P<value>.*?)\s*")


@dataclass(frozen=True)
class Condition:
    """What a setting must be.

    Attributes:
        text: As it was written.
        name: Name of the setting.
        sign: How it is compared.
        value: With what: a number where it reads as one, or else the text.
    """

    text: str
    name: str
    sign: str
    value: float | str

    def holds(self, settings: Mapping[str, Any]) -> bool:
        """Whether settings fulfil it; one that is not there is unlike every value, and neither below nor above one."""
        found = _comparable(settings.get(self.name))
        if self.sign in _ORDER:
            return isinstance(found, float) and _ORDER[self.sign](found, float(self.value))
        return (found == self.value) is (self.sign == "=")


def condition(text: str) -> Condition:
    """A condition out of its text.

    Raises:
        ValueError: If it is none.

    Example:
        >>> condition("batch_size>=64").holds({"batch_size": 128}), condition("head = linear").holds({})
        (True, False)
    """
    parts = _CONDITION.fullmatch(text)
    value = _number_in(parts["value"]) if parts else None
    if parts is None or value is None or (parts["sign"] in _ORDER and isinstance(value, str)):
        raise ValueError(
            "`--where` must be a setting with its value, as 'width=64', 'head!=linear' or 'batch_size>=64'; signs are = != "
            f"< <= > >=, the last four for numbers. Received: {text!r}."
        )
    return Condition(text, parts["name"], parts["sign"], value)


def _number_in(text: str) -> float | str | None:
    """The number that a text is, or else the text; None for one that is empty, or no number to compare with."""
    try:
        number = float(text)
    except ValueError:
        return text or None
    return None if math.isnan(number) else number


def _comparable(value: Any) -> float | str | None:
    """A setting as conditions have it: truth values as they are written in JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    return float(value) if isinstance(value, (int, float)) else value
