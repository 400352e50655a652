"""The name of what sets a learning rate."""

from __future__ import annotations

from typing import Any


def driver_name(driver: Any) -> str:
    """The name of a schedule, a scheduler or a function, as headers carry it: its own, or that of its class.

    Example:
        >>> driver_name(lambda step: 0.1), driver_name(max)
        ('function', 'max')
    """
    name = getattr(driver, "__name__", type(driver).__name__)
    return "function" if name == "<lambda>" else name
