"""Confirming a rate by short trainings around it: which rates to try, and which one is best.

How a training runs is the caller's business: here only its losses count, the lower the better.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.curves.stop_rules import CHECKS, EliminationRule

# Neighbouring rates differ by this factor: a third of a decade.
_FACTOR = 10 ** (1 / 3)


@dataclass(frozen=True)
class Trial:
    """A short training at one rate.

    Attributes:
        learning_rate: Its constant rate.
        steps: Steps it was trained for; fewer than planned when it was given up.
        loss: Mean of the monitored value over its last sixth, the lower the better (one that is better the higher has its
            sign turned); infinite when the training diverged.
        finished: Whether it was trained to the end: only then it can be chosen.
    """

    learning_rate: float
    steps: int
    loss: float
    finished: bool


def check_confirm(confirm: Any, confirm_steps: Any) -> None:
    """Raises `ValueError` unless `confirm` is 0 or a whole number of at least 2, and `confirm_steps` None or at least 12."""
    if confirm:
        arguments.whole(2, confirm=confirm)
    if confirm_steps is not None:
        arguments.whole(CHECKS, confirm_steps=confirm_steps)


def rates_around(rate: float, count: int, lowest: float, highest: float) -> list[float]:
    """Up to `count` rates within bounds, a third of a decade apart, from `rate` outwards, the lower one first."""
    places = [0] + [sign * distance for distance in range(1, 2 * count) for sign in (-1, 1)]
    rates = [rate * _FACTOR**place for place in places]
    return [one for one in rates if lowest <= one <= highest][:count]


def best_of(trials: Iterable[Trial]) -> Trial | None:
    """The trial with the lowest loss of those that came to their end; None when none did."""
    return min((trial for trial in trials if trial.finished), key=lambda trial: trial.loss, default=None)


def run_trials(
    rates: Iterable[float],
    num_steps: int,
    start: float,
    train: Callable[[float, EliminationRule], NDArray[np.float64]],
    *,
    judged_by_loss: bool = True,
) -> Iterator[Trial]:
    """Trains at each of some rates from the same start, and gives up those that lag behind.

    Args:
        rates: The rates, the most promising one first.
        num_steps: Planned length of each training.
        start: The loss before any training.
        train: Trains at a rate, telling each loss to the rule and ending when that says so; returns the values to judge by
            in the order they were measured, the lower the better.
        judged_by_loss: Whether those values are the losses. If not, none is given up for its loss.

    Yields:
        One `Trial` per rate.
    """
    best, leader = math.inf, None
    for rate in rates:
        rule = EliminationRule(num_steps, start, leader if judged_by_loss else None)
        values = train(rate, rule)
        tail = values[-max(1, 2 * len(values) // CHECKS) :]
        level = float(tail.mean()) if np.isfinite(values).all() and len(values) else math.inf
        trial = Trial(rate, rule.steps, level, rule.steps >= num_steps and math.isfinite(level))
        if trial.finished and level < best:
            best, leader = level, rule.levels
        yield trial
