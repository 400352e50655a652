"""Schedules by their shapes: the factors on a highest rate at every step of a training. Nothing here needs Keras."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.rates.formulas import one_cycle

Array = NDArray[np.float64]
Shape = Callable[[int], Array]
_WARMUP_SHARE = 0.1


def constant(steps: int) -> Array:
    return np.ones(steps)


def one_cycle_of(steps: int) -> Array:
    """1cycle as `tb_lrfinder.rates` has it, up to its peak at 30 % of the steps."""
    return one_cycle(np.arange(steps), peak_learning_rate=1.0, total_steps=steps)


def annealed(steps: int) -> Array:
    """From 1 down along half a cosine, to 0 after the last step."""
    return np.cos(np.pi / 2 * np.arange(steps) / steps) ** 2


def cosine(steps: int) -> Array:
    """A linear warm-up over a tenth of the steps, then `annealed`."""
    rise = max(1, round(_WARMUP_SHARE * steps))
    return np.concatenate([np.arange(1, rise + 1) / rise, annealed(steps - rise)])


SHAPES: dict[str, Shape] = {"constant": constant, "1cycle": one_cycle_of, "cosine": cosine, "annealed": annealed}
