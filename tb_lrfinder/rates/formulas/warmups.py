"""Rates that rise to where a schedule begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tb_lrfinder import arguments
from tb_lrfinder.rates.formulas.pieces import between


def with_warmup(
    step: Any,
    schedule: Callable[[Any], Any],
    *,
    warmup_steps: int,
    initial_learning_rate: float = 0.0,
    xp: Any = np,
) -> Any:
    """A straight line up to where a schedule begins, then the schedule, from its own step 0 on.

    `initial_learning_rate (1 - p) + schedule(0) p` with `p = step / warmup_steps` before step `warmup_steps`, and
    `schedule(step - warmup_steps)` from it on. The schedule is shifted, as Keras' `CosineDecay` shifts its decay: nothing
    of it is lost, and the whole takes `warmup_steps` longer.

    Args:
        step: Steps counted from 0.
        schedule: Gives the rates of steps, in their shape.
        warmup_steps: Steps before the schedule begins, at least 1.
        initial_learning_rate: The first rate, not negative.
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> from tb_lrfinder.rates.formulas import linear_decay
        >>> decay = lambda step: linear_decay(step, initial_learning_rate=1.0, decay_steps=4)
        >>> with_warmup(np.arange(7), decay, warmup_steps=2).tolist()
        [0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0]

    Reference: Goyal et al. 2017, arXiv:1706.02677; Keras, `CosineDecay(warmup_target=...)`.
    """
    arguments.whole(1, warmup_steps=warmup_steps)
    arguments.not_negative(initial_learning_rate=initial_learning_rate)
    later = schedule(xp.maximum(step - warmup_steps, 0))
    ramp = between(step, 0, warmup_steps, initial_learning_rate, later, "linear", xp)
    return xp.where(step < warmup_steps, ramp, later)
