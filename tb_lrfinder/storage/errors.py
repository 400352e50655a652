"""The errors of a trace that cannot be read: their messages are what people see in its place."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from tb_lrfinder.storage.field_types import fitting

_T = TypeVar("_T")
_LOGGER = logging.getLogger("tb_lrfinder")
# The errors that were logged: kind, and file and line where each was raised. There are no more of them than lines of code.
_LOGGED: set[tuple[str, str, int | None]] = set()
# Characters of a foreign error's message: enough for a sentence.
_MESSAGE_LENGTH = 300


class SchemaError(ValueError):
    """Events that cannot be read as a trace; the message is a sentence for people."""


class UnsupportedVersionError(SchemaError):
    """Events written by a newer version of this package."""


class UnreadError(SchemaError):
    """What could not be read this time, and may be the next time."""


def attempt(answer: Callable[..., _T], *arguments: Any) -> _T | SchemaError:
    """What a function returns for a trace, or the error that says why it does not: it must not reach the other traces."""
    try:
        return answer(*arguments)
    except SchemaError as error:
        return error
    except Exception as error:
        return unforeseen(error)


def unforeseen(error: Exception) -> SchemaError:
    """The words that stand for a trace on which our code failed.

    The traceback is logged, once for each kind of error and line that raised it.

    Args:
        error: The exception; its traceback is that of the failure.
    """
    frames = traceback.extract_tb(error.__traceback__)
    kind = type(error).__name__
    place = (kind, frames[-1].filename, frames[-1].lineno) if frames else (kind, "", None)
    if place not in _LOGGED:
        _LOGGED.add(place)
        _LOGGER.error("A trace cannot be read. Please report this as a bug of tb_lrfinder.", exc_info=error)
    message = fitting(str(error)[:_MESSAGE_LENGTH]).rstrip(".")
    return SchemaError(
        f"This trace cannot be read: {kind}: {message}." if message else f"This trace cannot be read: {kind}."
    )
