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


def warmup_cosine(
    step: Any,
    *,
    peak_learning_rate: float,
    total_steps: int,
    warmup_steps: int,
    start_share: float = 0.01,
    end_share: float = 0.0,
    xp: Any = np,
) -> Any:
    """A straight line up to the peak, then half a cosine down to the end of the training.

    With `a = start_share` and `b = end_share`, the rate as a share of the peak is

    - `a + (1 - a) step / warmup_steps` before step `warmup_steps`;
    - `b + (1 - b) (1 + cos(pi p)) / 2` from it on, with `p = (step - warmup_steps) / (total_steps - warmup_steps)`.

    Args:
        step: Steps counted from 0.
        peak_learning_rate: The highest rate, positive.
        total_steps: Steps of the whole training, at least 2.
        warmup_steps: Steps of the rise, at least 1.
        start_share: The first rate as a share of the peak, in [0, 1].
        end_share: The rate at step `total_steps`, the one after the last, and ever after, as a share of the peak, in [0, 1].
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range, or the parts are longer than the training.

    Example:
        >>> rates = warmup_cosine(np.arange(7), peak_learning_rate=1.0, total_steps=6, warmup_steps=2, start_share=0.5)
        >>> rates.round(3).tolist()
        [0.5, 0.75, 1.0, 0.854, 0.5, 0.146, 0.0]

    Reference: Goyal et al. 2017, arXiv:1706.02677; Loshchilov & Hutter 2016, arXiv:1608.03983; Transformers,
    `get_cosine_schedule_with_warmup`.
    """
    arguments.whole(2, total_steps=total_steps)
    arguments.whole(1, warmup_steps=warmup_steps)
    _fits(total_steps - 1, warmup_steps=warmup_steps)
    decay_steps = total_steps - warmup_steps
    return _risen(
        step, peak_learning_rate, total_steps, warmup_steps, decay_steps, start_share, end_share, "cosine", xp
    )


def warmup_linear(
    step: Any,
    *,
    peak_learning_rate: float,
    total_steps: int,
    warmup_steps: int,
    start_share: float = 0.01,
    end_share: float = 0.0,
    xp: Any = np,
) -> Any:
    """A straight line up to the peak, then another one down to the end of the training.

    With `a = start_share` and `b = end_share`, the rate as a share of the peak is

    - `a + (1 - a) step / warmup_steps` before step `warmup_steps`;
    - `1 - (1 - b) p` from it on, with `p = (step - warmup_steps) / (total_steps - warmup_steps)`.

    Args:
        step: Steps counted from 0.
        peak_learning_rate: The highest rate, positive.
        total_steps: Steps of the whole training, at least 2.
        warmup_steps: Steps of the rise, at least 1.
        start_share: The first rate as a share of the peak, in [0, 1].
        end_share: The rate at step `total_steps`, the one after the last, and ever after, as a share of the peak, in [0, 1].
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range, or the parts are longer than the training.

    Example:
        >>> rates = warmup_linear(np.arange(7), peak_learning_rate=1.0, total_steps=6, warmup_steps=2, start_share=0.5)
        >>> rates.tolist()
        [0.5, 0.75, 1.0, 0.75, 0.5, 0.25, 0.0]

    Reference: Devlin et al. 2018, arXiv:1810.04805; Transformers, `get_linear_schedule_with_warmup`.
    """
    arguments.whole(2, total_steps=total_steps)
    arguments.whole(1, warmup_steps=warmup_steps)
    _fits(total_steps - 1, warmup_steps=warmup_steps)
    decay_steps = total_steps - warmup_steps
    return _risen(
        step, peak_learning_rate, total_steps, warmup_steps, decay_steps, start_share, end_share, "linear", xp
    )


def warmup_stable_decay(
    step: Any,
    *,
    peak_learning_rate: float,
    total_steps: int,
    warmup_steps: int,
    decay_steps: int,
    start_share: float = 0.01,
    end_share: float = 0.0,
    xp: Any = np,
) -> Any:
    """A straight line up, the same rate for most of the training, and a straight line down in its last steps.

    With `a = start_share` and `b = end_share`, the rate as a share of the peak is

    - `a + (1 - a) step / warmup_steps` before step `warmup_steps`;
    - `1` from it on;
    - `1 - (1 - b) p` from step `total_steps - decay_steps` on, with `p = (step - total_steps) / decay_steps + 1`, at most 1.

    A training can be made longer from any step of its stable part, since nothing before depends on the length.

    Args:
        step: Steps counted from 0.
        peak_learning_rate: The highest rate, positive.
        total_steps: Steps of the whole training, at least 2.
        warmup_steps: Steps of the rise, at least 1.
        decay_steps: Steps of the fall, at least 1; with the rise at most `total_steps`.
        start_share: The first rate as a share of the peak, in [0, 1].
        end_share: The rate at step `total_steps`, the one after the last, and ever after, as a share of the peak, in [0, 1].
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range, or the parts are longer than the training.

    Example:
        >>> rates = warmup_stable_decay(
        ...     np.arange(8), peak_learning_rate=1.0, total_steps=7, warmup_steps=2, decay_steps=2, start_share=0.5
        ... )
        >>> rates.tolist()
        [0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0]

    Reference: Hu et al. 2024, arXiv:2404.06395; Hägele et al. 2024, arXiv:2405.18392, who let the last fifth fall in a line.
    """
    arguments.whole(2, total_steps=total_steps)
    arguments.whole(1, warmup_steps=warmup_steps, decay_steps=decay_steps)
    _fits(total_steps, warmup_steps=warmup_steps, decay_steps=decay_steps)
    return _risen(
        step, peak_learning_rate, total_steps, warmup_steps, decay_steps, start_share, end_share, "linear", xp
    )


def _risen(
    step: Any,
    peak: float,
    total_steps: int,
    warmup_steps: int,
    decay_steps: int,
    start_share: float,
    end_share: float,
    shape: str,
    xp: Any,
) -> Any:
    """A line up in the first steps, a fall of the given shape in the last ones, the peak between them."""
    arguments.positive(peak_learning_rate=peak)
    arguments.share(start_share=start_share, end_share=end_share)
    rising = between(step, 0, warmup_steps, start_share * peak, peak, "linear", xp)
    falling = between(step, total_steps - decay_steps, total_steps, peak, end_share * peak, shape, xp)
    return xp.where(step < warmup_steps, rising, falling)


def _fits(most: int, **parts: int) -> None:
    """Raises `ValueError` unless the parts of a training take at most so many steps."""
    if sum(parts.values()) > most:
        names, received = " and ".join(f"`{name}`" for name in parts), ", ".join(f"{k}={v}" for k, v in parts.items())
        rule = "be" if len(parts) == 1 else "add to"
        raise ValueError(f"{names} must {rule} at most {most}, to fit into the training. Received: {received}.")
