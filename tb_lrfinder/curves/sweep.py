"""The learning rates of a range test: which one each step uses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.choices import Spacing


@dataclass(frozen=True)
class Sweep:
    """Learning rates from `start_lr` to `end_lr`, both included.

    With `i` counting the steps from 0 to `num_steps - 1` and `t = i / (num_steps - 1)`:

    - `spacing="log"`: `start_lr * (end_lr / start_lr) ** t` (equal ratios);
    - `spacing="linear"`: `start_lr + (end_lr - start_lr) * t` (equal differences).

    Args:
        start_lr: First learning rate, positive.
        end_lr: Last learning rate, above `start_lr`.
        num_steps: Number of rates, at least 2.
        spacing: `"log"` or `"linear"`.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> [round(rate, 4) for rate in Sweep(0.001, 1.0, 4).learning_rates().tolist()]
        [0.001, 0.01, 0.1, 1.0]
    """

    start_lr: float
    end_lr: float
    num_steps: int
    spacing: Spacing = "log"

    def __post_init__(self) -> None:
        check_range(self.start_lr, self.end_lr, self.spacing)
        check_num_steps(self.num_steps)

    def learning_rates(self) -> NDArray[np.float64]:
        """All rates, shape `[num_steps]`."""
        space = np.geomspace if self.spacing == "log" else np.linspace
        return space(self.start_lr, self.end_lr, self.num_steps)


def check_range(start_lr: float, end_lr: float, spacing: str) -> None:
    """Raises `ValueError` unless the three describe a sweep of some length."""
    for name, value in (("start_lr", start_lr), ("end_lr", end_lr)):
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"`{name}` must be positive and finite. Received: {name}={value}.")
    if end_lr <= start_lr:
        raise ValueError(f"`end_lr` must exceed `start_lr`. Received: start_lr={start_lr}, end_lr={end_lr}.")
    if spacing not in get_args(Spacing):
        raise ValueError(f"`spacing` must be 'log' or 'linear'. Received: spacing={spacing!r}.")


def check_num_steps(num_steps: int) -> None:
    """Raises `ValueError` unless `num_steps` is a whole number of at least 2."""
    arguments.whole(2, num_steps=num_steps)
