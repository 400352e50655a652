"""Settings: what somebody chose for a test or a training, by name, so that runs can be compared by it."""

from __future__ import annotations

import itertools
import math
import numbers
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from tb_lrfinder import arguments
from tb_lrfinder.storage.field_types import Rule, Text, at_most, fits, fitting, named_by

# More names than this are no columns that anybody compares; a longer value is no label.
MAX_SETTINGS, MAX_SETTING_NAME, MAX_SETTING_TEXT = 50, 100, 100
MAX_TAGS, MAX_TAG = 20, 50

SettingValue = float | int | str | bool
_Number = Annotated[float, Rule("that is finite", lambda value: abs(value) <= sys.float_info.max)]
_Value = _Number | Annotated[Text, at_most(MAX_SETTING_TEXT, "characters")] | bool

Settings = Annotated[
    Mapping[str, _Value],
    at_most(MAX_SETTINGS, "settings"),
    named_by(
        f"with names of 1 to {MAX_SETTING_NAME} printable characters",
        lambda name: 1 <= len(name) <= MAX_SETTING_NAME and name.isprintable(),
    ),
]
Tags = Annotated[tuple[Annotated[Text, at_most(MAX_TAG, "characters")], ...], at_most(MAX_TAGS, "tags")]

# Bits of the numbers that have fewer than Python's: the shortest text that means one is what was written, 0.9 and not
# 0.8999999761581421.
_BITS = {"float16": 11, "bfloat16": 8, "float32": 24}


def plain(value: Any) -> Any:
    """A setting as a plain number, text or truth value, where it is a scalar of NumPy or a tensor that holds one number.

    Example:
        >>> import numpy as np
        >>> plain(np.float32(0.9)), plain(np.int64(3)), plain("linear")
        (0.9, 3, 'linear')
    """
    number = arguments.scalar(value)
    bits = _BITS.get(str(getattr(value, "dtype", "")).rpartition(".")[2])
    if bits is not None and isinstance(number, float) and math.isfinite(number):
        return _shortest(number, bits)
    if isinstance(number, (bool, int, float, str)) or not isinstance(number, numbers.Real):
        return number
    return float(number)


def name_of(key: Any) -> Any:
    """The name of a setting: an `HParam` of TensorBoard's HParams has one."""
    return key if isinstance(key, str) else getattr(key, "name", key)


def settings_in(values: Mapping[Any, Any]) -> dict[str, SettingValue]:
    """The settings among what a library or another program calls so: the first 50 that are some, long texts cut."""
    found = ((name_of(key), _found(value)) for key, value in values.items())
    kept = ((name, value) for name, value in found if value is not None and fits({name: value}, Settings))
    return dict(itertools.islice(kept, MAX_SETTINGS))


def alike(several: Sequence[Mapping[str, SettingValue]]) -> dict[str, SettingValue]:
    """The settings that all have, with the same value."""
    first, *others = several or [{}]
    missing = object()
    return {name: value for name, value in first.items() if all(one.get(name, missing) == value for one in others)}


def _shortest(number: float, bits: int) -> float:
    """The decimal number of the fewest digits that is this one when rounded to so many bits."""
    half = math.ldexp(0.5, math.frexp(number)[1] - bits)
    rounded = (float(f"{number:.{digits}g}") for digits in range(1, 10))
    return next((one for one in rounded if abs(one - number) < half), number)


def _found(value: Any) -> SettingValue | None:
    """A value as a setting; None where it is no plain number, text or truth value."""
    try:
        found = plain(value)
    except Exception:  # each library has errors of its own for a tensor that holds no value
        return None
    if isinstance(found, str):
        clean = fitting(found)
        found = clean if len(clean) <= MAX_SETTING_TEXT else f"{clean[: MAX_SETTING_TEXT - 1]}…"
    return found if fits(found, _Value) else None
