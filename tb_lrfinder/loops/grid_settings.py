"""The settings of a grid: every combination of them, what is recorded of each, and the name of its run.

Knows no test, no directory and no framework.
"""

from __future__ import annotations

import hashlib
import inspect
import itertools
import keyword
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tb_lrfinder import arguments
from tb_lrfinder.storage.settings import (
    MAX_SETTING_NAME,
    MAX_SETTING_TEXT,
    MAX_SETTINGS,
    SettingValue,
    plain,
)

# A text that stands in the name of a run as it is; all else gets a digest behind what is left of it.
_WORD = re.compile(r"[A-Za-z](?:[A-Za-z0-9_.+-]{0,38}[A-Za-z0-9_])?")
_OTHERS = ("True", "False", "None")
_MOST_BYTES, _MOST_TEXT = 200, 40
_DIGEST_DIGITS = 6


@dataclass(frozen=True)
class Combination:
    """One value for each setting.

    Attributes:
        settings: The values by name, as the test gets them.
        recorded: The same as numbers, texts and truth values; a function or class is its name.
        name: The name of its run: unique in the grid, and part of a path everywhere.
    """

    settings: Mapping[str, Any]
    recorded: Mapping[str, SettingValue | None]
    name: str


def combinations(grid: Any, reserved: Collection[str] = ()) -> list[Combination]:
    """The combinations of a grid.

    Args:
        grid: The values of each setting by its name, of which every combination is taken, the last setting changing
            fastest; or a list of combinations, each the value of each setting by its name.
        reserved: Names that no setting may have.

    Raises:
        ValueError: If there is none, two are alike, a name is no identifier or reserved, or a value is neither a number, a
            text, a truth value, None, nor a function or class with a name.

    Example:
        >>> [one.name for one in combinations({"batch_size": [16, 64], "decay": [0, 1e-5]})]
        ['batch_size=16,decay=0', 'batch_size=16,decay=1e-05', 'batch_size=64,decay=0', 'batch_size=64,decay=1e-05']
    """
    all_settings = _product(grid) if isinstance(grid, Mapping) else _listed(grid)
    if not all_settings or not all(all_settings):
        raise ValueError(
            "`grid` must have a setting at least, with a value at least, as in {'batch_size': [16, 64]}. "
            f"Received: grid={arguments.shown(grid)}."
        )
    _check_names({name: None for settings in all_settings for name in settings}, reserved)
    values = [{name: plain(value) for name, value in settings.items()} for settings in all_settings]
    recorded = [{name: _recorded(name, value) for name, value in settings.items()} for settings in values]
    names = [_name(one) for one in recorded]
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise ValueError(
            "No two combinations of `grid` may be recorded alike: leave one out, or name functions differently. "
            f"Received: {twice} twice."
        )
    # File systems may not tell upper from lower case.
    alike = Counter(name.casefold() for name in names)
    unique = [f"{name}-{_digest(name)}" if alike[name.casefold()] > 1 else name for name in names]
    return [Combination(*parts) for parts in zip(values, recorded, unique, strict=True)]


def taken_by(function: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a function takes by name; all of them where it takes any (`**kwargs`)."""
    named, takes_any = _names_of(function)
    return {name: value for name, value in settings.items() if takes_any or name in named}


def check_taken(
    all_settings: Iterable[Mapping[str, Any]], functions: Mapping[str, Any], also: Collection[str] = ()
) -> None:
    """Raises `ValueError` unless every function can be called with those settings that it takes, and somebody takes each.

    Args:
        all_settings: The settings of each combination.
        functions: The functions by the name of their argument.
        also: Settings that something else takes.
    """
    for what, function in functions.items():
        if not callable(function):
            raise ValueError(f"`{what}` must be a function. Received: {what}={arguments.shown(function)}.")
    for settings in all_settings:
        for what, function in functions.items():
            _check_call(what, function, settings)
        taken = {*also, *(name for function in functions.values() for name in taken_by(function, settings))}
        left = [name for name in settings if name not in taken]
        if left:
            raise ValueError(
                f"A setting of `grid` must be an argument of {' or '.join(f'`{what}`' for what in functions)}"
                f"{' or `range_test`' if also else ''}. Received: {', '.join(left)}."
            )


def _check_call(what: str, function: Callable[..., Any], settings: Mapping[str, Any]) -> None:
    try:
        inspect.signature(function).bind(**taken_by(function, settings))
    except TypeError as error:
        raise ValueError(
            f"`{what}` must need nothing but settings of the grid; the rest has defaults. Received: {error}."
        ) from None
    except ValueError:  # a function of C that does not tell
        pass


def _names_of(function: Callable[..., Any]) -> tuple[set[str], bool]:
    """The arguments that a function takes by name, and whether it takes any."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return set(), True
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return (
        {one.name for one in parameters if one.kind in by_name},
        any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters),
    )


def _product(grid: Mapping[str, Any]) -> list[dict[str, Any]]:
    for name, values in grid.items():
        if isinstance(values, (str, bytes, Mapping, set, frozenset)) or not isinstance(values, Iterable):
            raise ValueError(
                f"`grid` must have a list of values for each setting. Received: {name}={arguments.shown(values)}."
            )
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def _listed(grid: Any) -> list[dict[str, Any]]:
    if not isinstance(grid, (list, tuple)) or not all(isinstance(one, Mapping) for one in grid):
        raise ValueError(
            "`grid` must be a mapping of settings to lists of values, or a list of mappings of settings to a value. "
            f"Received: grid={arguments.shown(grid)}."
        )
    return [dict(one) for one in grid]


def _check_names(names: Collection[Any], reserved: Collection[str]) -> None:
    if len(names) > MAX_SETTINGS:
        raise ValueError(f"`grid` must have at most {MAX_SETTINGS} settings. Received: {len(names)}.")
    for name in names:
        is_name = isinstance(name, str) and name.isidentifier() and len(name) <= MAX_SETTING_NAME
        if not is_name or keyword.iskeyword(name):
            raise ValueError(
                "A setting of `grid` must have a name that a function can have an argument of. "
                f"Received: {arguments.shown(name)}."
            )
        if name in reserved:
            raise ValueError(f"No setting of `grid` may be called {', '.join(reserved)}. Received: {name!r}.")


def _recorded(name: str, value: Any) -> SettingValue | None:
    if value is None or (isinstance(value, (bool, int, float)) and abs(value) <= sys.float_info.max):
        return value
    text = value if isinstance(value, str) else getattr(value, "__name__", None)
    if isinstance(text, str) and text.isprintable() and 1 <= len(text) <= MAX_SETTING_TEXT:
        return text
    raise ValueError(
        f"A setting of `grid` must be a finite number, a printable text of 1 to {MAX_SETTING_TEXT} characters, true or "
        "false, None, or a function or class with a name: give a name, and let the function that takes it make what it "
        f"stands for. Received: {name}={arguments.shown(value)}."
    )


def _name(recorded: Mapping[str, Any]) -> str:
    name = ",".join(f"{setting}={_text(value)}" for setting, value in recorded.items())
    encoded = name.encode()
    if len(encoded) <= _MOST_BYTES:
        return name
    return f"{encoded[: _MOST_BYTES - _DIGEST_DIGITS - 1].decode(errors='ignore')}-{_digest(name)}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return repr(value)
    if _WORD.fullmatch(value) and value not in _OTHERS:
        return value
    rest = re.sub(r"[^A-Za-z0-9_.+-]+", "-", value)[:_MOST_TEXT].strip("-.")
    return f"{rest}-{_digest(value)}" if rest else _digest(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_DIGITS]
