"""Rates that fall once, and the constant rate."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_lrfinder import arguments
from tb_lrfinder.rates.formulas.pieces import between, completed


def constant(step: Any, *, learning_rate: float, xp: Any = np) -> Any:
    """The same rate at every step.

    Args:
        step: Steps counted from 0.
        learning_rate: The rate, positive.
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If the rate is not positive and finite.

    Example:
        >>> constant(np.arange(3), learning_rate=0.1).tolist()
        [0.1, 0.1, 0.1]
    """
    arguments.positive(learning_rate=learning_rate)
    return learning_rate * xp.ones_like(step)


def step_decay(
    step: Any, *, initial_learning_rate: float, decay_steps: int, decay_rate: float = 0.5, xp: Any = np
) -> Any:
    """Multiplied by a factor every so many steps: `initial_learning_rate decay_rate^floor(step / decay_steps)`.

    Args:
        step: Steps counted from 0.
        initial_learning_rate: The first rate, positive.
        decay_steps: Steps at each rate, at least 1.
        decay_rate: The factor, in (0, 1].
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> step_decay(np.arange(5), initial_learning_rate=1.0, decay_steps=2).tolist()
        [1.0, 1.0, 0.5, 0.5, 0.25]

    Reference: Keras, `ExponentialDecay(staircase=True)`, whose drops may come a step late where it is compiled.
    """
    arguments.positive(initial_learning_rate=initial_learning_rate)
    arguments.whole(1, decay_steps=decay_steps)
    arguments.share_above_zero(decay_rate=decay_rate)
    drops = completed(step, step / decay_steps, lambda count: count * decay_steps, xp)
    return initial_learning_rate * xp.power(decay_rate, drops)


def exponential_decay(
    step: Any, *, initial_learning_rate: float, decay_steps: float, decay_rate: float, xp: Any = np
) -> Any:
    """A straight line on a logarithmic axis: `initial_learning_rate decay_rate^(step / decay_steps)`.

    Args:
        step: Steps counted from 0.
        initial_learning_rate: The first rate, positive.
        decay_steps: Steps in which the rate is multiplied by `decay_rate` once, positive.
        decay_rate: The factor, positive; above 1 the rate grows.
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is not positive and finite.

    Example:
        >>> exponential_decay(np.arange(3), initial_learning_rate=1.0, decay_steps=1, decay_rate=0.5).tolist()
        [1.0, 0.5, 0.25]

    Reference: Keras, `ExponentialDecay`.
    """
    arguments.positive(initial_learning_rate=initial_learning_rate, decay_steps=decay_steps, decay_rate=decay_rate)
    return initial_learning_rate * xp.power(decay_rate, step / decay_steps)


def inverse_time_decay(
    step: Any, *, initial_learning_rate: float, decay_steps: float, decay_rate: float, xp: Any = np
) -> Any:
    """Time-based decay, fast at first and ever slower: `initial_learning_rate / (1 + decay_rate step / decay_steps)`.

    Args:
        step: Steps counted from 0.
        initial_learning_rate: The first rate, positive.
        decay_steps: Steps after which the rate is divided by `1 + decay_rate`, positive.
        decay_rate: How fast it falls, not negative.
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> inverse_time_decay(np.arange(4), initial_learning_rate=1.0, decay_steps=1, decay_rate=1.0)[[0, 1, 3]].tolist()
        [1.0, 0.5, 0.25]

    Reference: Keras, `InverseTimeDecay`.
    """
    arguments.positive(initial_learning_rate=initial_learning_rate, decay_steps=decay_steps)
    arguments.not_negative(decay_rate=decay_rate)
    return initial_learning_rate / (1 + decay_rate * (step / decay_steps))


def linear_decay(
    step: Any, *, initial_learning_rate: float, decay_steps: float, end_learning_rate: float = 0.0, xp: Any = np
) -> Any:
    """A straight line, then the end rate: `initial_learning_rate (1 - p) + end_learning_rate p`.

    `p = min(step / decay_steps, 1)`.

    Args:
        step: Steps counted from 0.
        initial_learning_rate: The first rate, positive.
        decay_steps: The step from which on the rate is `end_learning_rate`, positive.
        end_learning_rate: The last rate, not negative.
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> linear_decay(np.arange(6), initial_learning_rate=1.0, decay_steps=4).tolist()
        [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]

    Reference: Keras, `PolynomialDecay(power=1.0)`.
    """
    arguments.positive(initial_learning_rate=initial_learning_rate, decay_steps=decay_steps)
    arguments.not_negative(end_learning_rate=end_learning_rate)
    return between(step, 0, decay_steps, initial_learning_rate, end_learning_rate, "linear", xp)


def polynomial_decay(
    step: Any,
    *,
    initial_learning_rate: float,
    decay_steps: float,
    end_learning_rate: float = 0.0,
    power: float = 1.0,
    xp: Any = np,
) -> Any:
    """Down along a power of what is left, then the end rate: `initial_learning_rate w + end_learning_rate (1 - w)`.

    `w = (1 - p)^power` with `p = min(step / decay_steps, 1)`; above a power of 1 the rate falls fast at first, below it
    late.

    Args:
        step: Steps counted from 0.
        initial_learning_rate: The first rate, positive.
        decay_steps: The step from which on the rate is `end_learning_rate`, positive.
        end_learning_rate: The last rate, not negative.
        power: The exponent, positive.
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> polynomial_decay(np.arange(4), initial_learning_rate=1.0, decay_steps=2, power=2.0).tolist()
        [1.0, 0.25, 0.0, 0.0]

    Reference: You et al. 2017, arXiv:1708.03888, with a power of 2; Keras, `PolynomialDecay`; PyTorch, `PolynomialLR`.
    """
    arguments.positive(initial_learning_rate=initial_learning_rate, decay_steps=decay_steps, power=power)
    arguments.not_negative(end_learning_rate=end_learning_rate)
    weight = xp.power((decay_steps - xp.clip(step, 0, decay_steps)) / decay_steps, power)
    return initial_learning_rate * weight + end_learning_rate * (1 - weight)


def cosine_decay(
    step: Any, *, initial_learning_rate: float, decay_steps: float, alpha: float = 0.0, xp: Any = np
) -> Any:
    """Down along half a cosine, then the lowest rate: `initial_learning_rate ((1 - alpha) (1 + cos(pi p)) / 2 + alpha)`.

    `p = min(step / decay_steps, 1)`.

    Args:
        step: Steps counted from 0.
        initial_learning_rate: The first rate, positive.
        decay_steps: The step from which on the rate is the lowest, positive.
        alpha: The lowest rate as a share of the first one, in [0, 1].
        xp: `numpy` or `keras.ops`.

    Returns:
        Rates in the shape of `step`.

    Raises:
        ValueError: If an argument is outside its range.

    Example:
        >>> cosine_decay(np.arange(5), initial_learning_rate=1.0, decay_steps=4).round(3).tolist()
        [1.0, 0.854, 0.5, 0.146, 0.0]

    Reference: Loshchilov & Hutter 2016, arXiv:1608.03983; Keras, `CosineDecay`; PyTorch, `CosineAnnealingLR`.
    """
    arguments.positive(initial_learning_rate=initial_learning_rate, decay_steps=decay_steps)
    arguments.share(alpha=alpha)
    return between(step, 0, decay_steps, initial_learning_rate, alpha * initial_learning_rate, "cosine", xp)
