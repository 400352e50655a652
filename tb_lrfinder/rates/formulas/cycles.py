"""Rates that rise and fall: once, or again and again."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, get_args

import numpy as np

from tb_lrfinder import arguments
from tb_lrfinder.choices import CyclicalMode, OneCycleShape
from tb_lrfinder.rates.formulas.pieces import between, completed, eased


def one_cycle(
    step: Any,
    *,
    peak_learning_rate: float,
    total_steps: int,
    warmup_share: float = 0.3,
    start_divisor: float = 25.0,
    end_divisor: float = 250_000.0,
    shape: OneCycleShape = "cosine",
    annihilation_share: float = 0.0,
    xp: Any = np,
) -> Any:
    """1cycle: up to a peak, down again, and at the end down by orders of magnitude.

    Between its corners, at the steps

    - `0`: `peak_learning_rate / start_divisor`;
    - `round(warmup_share * total_steps) - 1`: `peak_learning_rate`;
    - `total_steps - 1 - round(annihilation_share * total_steps)`: the start rate again; a share of no step has no corner;
    - `total_steps - 1`, the last step, and ever after: `peak_learning_rate / end_divisor`,

    the rate goes from `a` to `b` as `a (1 - w) + b w`, where `p` is the share of the way and `w = p` for
    `shape="linear"`, `w = sin²(pi p / 2) = (1 - cos(pi p)) / 2` for `shape="cosine"`. Corners are whole steps, so the
    peak is always reached; where shares round to the same step, the earlier corner keeps its place.

    The defaults are those of PyTorch's `OneCycleLR`, and its values where `0.3 * total_steps` is a whole number; fastai's
    `fit_one_cycle` has the same shape. Smith's own, linear from a tenth of the peak to the peak, as long down again, and a
    last tenth that falls by three orders of magnitude more: `warmup_share=0.45, start_divisor=10, end_divisor=1e4,
    shape="linear", annihilation_share=0.1`.

    Args:
        step: Steps counted from 0.
        peak_learning_rate: The highest rate, positive.
        total_steps: Steps of the whole training, at least 2.
        warmup_share: Share of the steps up to the peak, in [0, 1). 0 starts at the peak.
        start_divisor: How many times the first rate lies below the peak, at least 1.
        end_divisor: How many times the last rate lies below the peak, at least 1.
        shape: `"cosine"` or `"linear"`.
        annihilation_share: Share of the last steps, which fall from the start rate to the end rate, in [0, 1). 0 falls
            from the peak to the end rate in one piece.
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range, or the two shares leave nothing for the fall.

    Example:
        >>> rates = one_cycle(np.arange(10), peak_learning_rate=1.0, total_steps=10, start_divisor=4, end_divisor=8)
        >>> rates[[0, 2, 9]].tolist()
        [0.25, 1.0, 0.125]

    Reference: Smith 2018, arXiv:1803.09820; PyTorch, `torch/optim/lr_scheduler.py`; fastai, `fastai/callback/schedule.py`.
    """
    arguments.positive(peak_learning_rate=peak_learning_rate)
    arguments.whole(2, total_steps=total_steps)
    arguments.at_least_one(start_divisor=start_divisor, end_divisor=end_divisor)
    arguments.share(warmup_share=warmup_share, annihilation_share=annihilation_share)
    arguments.one_of(get_args(OneCycleShape), shape=shape)
    if warmup_share + annihilation_share >= 1:
        raise ValueError(
            "`warmup_share` and `annihilation_share` must add to less than 1, to leave steps for the fall. "
            f"Received: warmup_share={warmup_share}, annihilation_share={annihilation_share}."
        )
    last = total_steps - 1
    peak = min(max(round(warmup_share * total_steps) - 1, 0), last - 1)
    fallen = max(last - round(annihilation_share * total_steps), peak + 1)
    start_lr, end_lr = peak_learning_rate / start_divisor, peak_learning_rate / end_divisor
    way = partial(between, step, shape=shape, xp=xp)
    rising = way(0, peak, start_lr, peak_learning_rate)
    if fallen == last:
        return xp.where(step < peak, rising, way(peak, last, peak_learning_rate, end_lr))
    falling = way(peak, fallen, peak_learning_rate, start_lr)
    return xp.where(step < peak, rising, xp.where(step < fallen, falling, way(fallen, last, start_lr, end_lr)))


def cyclical(
    step: Any,
    *,
    initial_learning_rate: float,
    max_learning_rate: float,
    step_size: int,
    mode: CyclicalMode = "triangular",
    gamma: float = 0.99994,
    xp: Any = np,
) -> Any:
    """Up and down between two rates, in straight lines.

    With `n = floor(step / (2 step_size))` cycles completed and `h = 1 - |step / step_size - 2 n - 1|`, which goes from 0
    up to 1 and down again within each: `initial_learning_rate (1 - w) + max_learning_rate w`, where

    - `mode="triangular"`: `w = h`;
    - `mode="triangular2"`: `w = h / 2^n`, half the height in each further cycle;
    - `mode="exp_range"`: `w = h gamma^step`.

    Args:
        step: Steps counted from 0.
        initial_learning_rate: The lower rate, positive; the first one.
        max_learning_rate: The upper rate, above the lower one.
        step_size: Steps of half a cycle, at least 1. Smith advises two to ten epochs.
        mode: `"triangular"`, `"triangular2"` or `"exp_range"`.
        gamma: What the height is multiplied by at each step with `"exp_range"`, in (0, 1].
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> cyclical(np.arange(5), initial_learning_rate=0.25, max_learning_rate=0.75, step_size=2).tolist()
        [0.25, 0.5, 0.75, 0.5, 0.25]

    Reference: Smith 2015, arXiv:1506.01186.
    """
    arguments.positive(initial_learning_rate=initial_learning_rate, max_learning_rate=max_learning_rate)
    arguments.whole(1, step_size=step_size)
    arguments.one_of(get_args(CyclicalMode), mode=mode)
    arguments.share_above_zero(gamma=gamma)
    if max_learning_rate <= initial_learning_rate:
        raise ValueError(
            "`max_learning_rate` must exceed `initial_learning_rate`. Received: "
            f"initial_learning_rate={initial_learning_rate}, max_learning_rate={max_learning_rate}."
        )
    period = 2 * step_size
    cycle = completed(step, step / period, lambda count: count * period, xp)
    within = step - cycle * period
    weight = xp.minimum(within, period - within) / step_size
    if mode == "triangular2":
        weight = weight * xp.power(0.5, cycle)
    if mode == "exp_range":
        # gamma^step would raise the rounding of a float32 gamma to the power of the step.
        weight = weight * xp.exp(step * math.log(gamma))
    return initial_learning_rate * (1 - weight) + max_learning_rate * weight


def cosine_decay_restarts(
    step: Any,
    *,
    initial_learning_rate: float,
    first_decay_steps: float,
    t_mul: float = 2.0,
    m_mul: float = 1.0,
    alpha: float = 0.0,
    xp: Any = np,
) -> Any:
    """Down along half a cosine, up again at once, and so on: warm restarts.

    Period `i` has `first_decay_steps t_mul^i` steps. With `p` the share of it that is over, the rate is
    `initial_learning_rate ((1 - alpha) m_mul^i (1 + cos(pi p)) / 2 + alpha)`.

    Where Keras' own class is compiled by TensorFlow or JAX, some of its restarts come a step late: those after 41 steps are
    an example, because `41 * (1 / 41)` is below 1 in float32.

    Args:
        step: Steps counted from 0.
        initial_learning_rate: The first rate, positive.
        first_decay_steps: Steps of the first period, positive.
        t_mul: How many times longer than the one before each further period is, at least 1.
        m_mul: What the height is multiplied by at each restart, positive.
        alpha: The lowest rate as a share of the first one, in [0, 1].
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> rates = cosine_decay_restarts(np.arange(7), initial_learning_rate=1.0, first_decay_steps=2)
        >>> rates.round(3).tolist()
        [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]

    Reference: Loshchilov & Hutter 2016, arXiv:1608.03983; Keras, `CosineDecayRestarts`.
    """
    arguments.positive(initial_learning_rate=initial_learning_rate, first_decay_steps=first_decay_steps, m_mul=m_mul)
    arguments.at_least_one(t_mul=t_mul)
    arguments.share(alpha=alpha)

    def start(period: Any) -> Any:
        periods = period if t_mul == 1 else (xp.power(t_mul, period) - 1) / (t_mul - 1)
        return first_decay_steps * periods

    estimate = step / first_decay_steps
    if t_mul != 1:
        estimate = xp.log(1 + estimate * (t_mul - 1)) / math.log(t_mul)
    period = completed(step, estimate, start, xp)
    left = (start(period + 1) - step) / (first_decay_steps * xp.power(t_mul, period))
    height = xp.power(m_mul, period) * eased(left, "cosine", xp)
    return initial_learning_rate * ((1 - alpha) * height + alpha)
