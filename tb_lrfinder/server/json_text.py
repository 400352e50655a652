"""JSON as every answer has it: strict, so that any reader takes it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from tb_lrfinder.storage.listing import addressable

# Beside pairs, JSON escapes the lone surrogates that a file name or a header may hold in this way.
_SURROGATE = r"\ud"


def encode(content: Any) -> str:
    """The content as JSON in ASCII: numbers that are not finite are null, lone surrogates U+FFFD.

    Example:
        >>> encode({"loss": math.nan, "run": "a\\udcff", "rows": 3})
        '{"loss": null, "run": "a\\\\ufffd", "rows": 3}'
    """
    try:
        text = json.dumps(content, allow_nan=False)
    except ValueError:
        return json.dumps(strict(content), allow_nan=False)
    return text if _SURROGATE not in text else json.dumps(strict(content), allow_nan=False)


def strict(value: Any) -> Any:
    """The content as JSON knows it: None for numbers that are not finite, U+FFFD for lone surrogates."""
    if isinstance(value, str):
        return addressable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {strict(name): strict(one) for name, one in value.items()}
    return [strict(one) for one in value] if isinstance(value, (list, tuple)) else value
