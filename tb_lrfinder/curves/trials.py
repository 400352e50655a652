"""Confirming a rate by short trainings around it: which rates to try, when to give one up, which one is best.

How a training runs is the caller's business: here only its losses count, the lower the better.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.curves.stop_rules import Stop

# Neighbouring rates differ by this factor: a third of a decade.
_FACTOR = 10 ** (1 / 3)
# Trainings are compared so many times, each time by the mean loss of the last two of these stretches.
_CHECKS = 12
# A training is given up when it lags behind the best one, at the same step, by this share of what that has gained.
_MARGIN = 0.1


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


class Elimination:
    """Gives a training up when it lags behind the best so far; `update` takes its losses one by one.

    Args:
        num_steps: Planned length.
        start: The loss before any training.
        leader: Levels of the best training so far at each check, or None when there is none to compare with.

    Attributes:
        steps: Losses seen.
        levels: At each check, the mean loss of the last two stretches.
    """

    def __init__(self, num_steps: int, start: float, leader: Sequence[float] | None = None) -> None:
        self.steps = 0
        self.levels: list[float] = []
        self._stretch = max(1, num_steps // _CHECKS)
        self._start = start
        self._leader = leader or ()
        self._recent: deque[float] = deque(maxlen=2 * self._stretch)

    def update(self, loss: float) -> Stop | None:
        """Takes the loss of the next step; returns why the training must stop, or None."""
        if not math.isfinite(loss):
            return Stop("non_finite", "The loss became NaN or infinite.")
        self.steps += 1
        self._recent.append(loss)
        if self.steps % self._stretch:
            return None
        self.levels.append(sum(self._recent) / len(self._recent))
        return Stop("eliminated", "It fell behind the best training so far.") if self._lags() else None

    def _lags(self) -> bool:
        check = len(self.levels) - 1
        # At the first check they have hardly started to differ.
        if not 0 < check < len(self._leader):
            return False
        gained = max(self._start - self._leader[check], 0.0)
        return self.levels[check] > self._leader[check] + _MARGIN * gained


def check_confirm(confirm: Any, confirm_steps: Any) -> None:
    """Raises `ValueError` unless `confirm` is 0 or a whole number of at least 2, and `confirm_steps` None or at least 12."""
    if confirm:
        arguments.whole(2, confirm=confirm)
    if confirm_steps is not None:
        arguments.whole(_CHECKS, confirm_steps=confirm_steps)


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
    train: Callable[[float, Elimination], NDArray[np.float64]],
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
        rule = Elimination(num_steps, start, leader if judged_by_loss else None)
        values = train(rate, rule)
        tail = values[-max(1, 2 * len(values) // _CHECKS) :]
        level = float(tail.mean()) if np.isfinite(values).all() and len(values) else math.inf
        trial = Trial(rate, rule.steps, level, rule.steps >= num_steps and math.isfinite(level))
        if trial.finished and level < best:
            best, leader = level, rule.levels
        yield trial
