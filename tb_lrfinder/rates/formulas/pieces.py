"""The pieces that formulas are made of: a way between two rates, and how many periods are over."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def between(step: Any, first: float, last: float, start: Any, end: Any, shape: str, xp: Any) -> Any:
    """From `start` at step `first` to `end` at step `last`; held outside."""
    inside = xp.clip(step, first, last)
    # Nothing is read from a way without steps, but it must not divide by zero.
    steps = (last - first) or 1
    done, left = (inside - first) / steps, (last - inside) / steps
    return start * eased(left, shape, xp) + end * eased(done, shape, xp)


def eased(share: Any, shape: str, xp: Any) -> Any:
    """`share` for a straight line, `(1 - cos(pi share)) / 2` for a cosine."""
    return xp.square(xp.sin(math.pi / 2 * share)) if shape == "cosine" else share


def completed(step: Any, estimate: Any, start: Callable[[Any], Any], xp: Any) -> Any:
    """How many periods are over at a step: the largest whole number `n` with `start(n) <= step`.

    `floor(estimate)` is that number but for rounding: TensorFlow's and JAX's compilers divide by multiplying with the
    reciprocal, which makes 0.99999994 of 41 / 41, and a restart would come a step late. Comparing steps is exact.
    """
    below = xp.floor(estimate - 0.5)
    return xp.where(step >= start(below + 1), below + 1, below)
