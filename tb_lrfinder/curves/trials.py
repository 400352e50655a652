"""Confirming a rate by short trainings around it: which rates to try, and which one is best.

How a training runs is the caller's business: here only its losses count, the lower the better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.curves.analysis import HUGE
from tb_lrfinder.curves.stop_rules import CHECKS, LAG, EliminationRule

# Neighbouring rates differ by this factor: half a decade. This and the width below: benchmarks/recommendation.
_FACTOR = 10**0.5
# Standard deviation, in decades, of the weights by which neighbouring trials count.
_WIDTH = 0.2
# Weighted squares of distances, in decades, below which points lie at one place.
_NO_SPREAD = 1e-12
# Rates at which the smooth course is computed.
_PLACES = 101


@dataclass(frozen=True)
class Trial:
    """A short training at one rate.

    Attributes:
        learning_rate: Its constant rate.
        steps: Steps it was trained for; fewer than planned when it was given up.
        loss: Mean of the monitored value over its last sixth, the lower the better (one that is better the higher has its
            sign turned); infinite when the training diverged.
        finished: Whether it was trained to the end.
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
    """Up to `count` rates within bounds, half a decade apart, from `rate` outwards, the lower one first."""
    places = [0] + [sign * distance for distance in range(1, 2 * count) for sign in (-1, 1)]
    rates = [rate * _FACTOR**place for place in places]
    return [one for one in rates if lowest <= one <= highest][:count]


@dataclass(frozen=True)
class Reading:
    """What short trainings tell.

    Attributes:
        learning_rate: The rate at which their smooth course is lowest.
        steps: Steps of the longest of them.
        at_end: `"lowest"` or `"highest"` where the best of the trials is the one with that rate, so that a better one may
            lie beyond it; empty where it lies between others.
    """

    learning_rate: float
    steps: int
    at_end: Literal["lowest", "highest", ""]


def read(trials: Sequence[Trial], start: float) -> Reading | None:
    """Reads the rate that short trainings tell from their smooth course over log LR, so that no single one decides.

    The course is the local linear fit to `min(loss, start)` with Gaussian weights of 0.2 decades. A training that diverged
    has reached nothing; one that was given up lags behind the best one by as much as it was given up for, at least, whatever
    the batches were like where it ended. Where none got below the start, they are compared with the worst of them.

    Args:
        trials: The short trainings.
        start: The loss before any training.

    Returns:
        What they tell, or None where all of them diverged.

    Example:
        >>> read([Trial(rate, 300, loss, True) for rate, loss in ((0.01, 0.5), (0.03, 0.2), (0.1, 0.4))], 1.0).at_end
        ''
    """
    by_rate = sorted(trials, key=lambda trial: trial.learning_rate)
    finite = [max(trial.loss, -HUGE) for trial in by_rate if trial.loss < HUGE]
    if not finite:
        return None
    nothing = start if min(finite) < start else max(finite)
    best = min((max(trial.loss, -HUGE) for trial in by_rate if trial.finished), default=nothing)
    behind = best + LAG * (nothing - best)
    losses = [trial.loss if trial.loss < HUGE else nothing for trial in by_rate]
    least = [-HUGE if trial.finished else behind for trial in by_rate]
    reached = np.clip(losses, least, nothing)
    # Shares of what was gained: none is too large to compute with.
    shares = (reached - reached.min()) / ((nothing - reached.min()) or 1.0)
    positions = np.log10([trial.learning_rate for trial in by_rate])
    place, last = int(np.argmin(shares)), len(by_rate) - 1
    places = np.linspace(positions[0], positions[-1], _PLACES)
    lowest = float(places[np.argmin(_local_lines(positions, shares, places))])
    at_end = "" if 0 < place < last else "lowest" if place == 0 else "highest"
    return Reading(10**lowest, max(trial.steps for trial in trials), at_end)


def _local_lines(
    positions: NDArray[np.float64], values: NDArray[np.float64], places: NDArray[np.float64]
) -> NDArray[np.float64]:
    """At each place, the value of the line that fits the points best, the nearer ones more; their mean where all are one."""
    distances = positions - places[:, None]
    nearest = np.abs(distances).min(axis=1, keepdims=True)
    weights = np.exp((nearest**2 - distances**2) / (2 * _WIDTH**2))
    weights /= weights.sum(axis=1, keepdims=True)
    mean, level = (weights * distances).sum(axis=1), weights @ values
    centred = distances - mean[:, None]
    spread = (weights * centred**2).sum(axis=1)
    # Where one of them counts alone, there is no slope.
    slope = (weights * centred) @ values / np.where(spread > _NO_SPREAD, spread, math.inf)
    return level - slope * mean


class TrialSeries:
    """Trainings at one rate after the other, all from the same start: those that lag behind the best so far are given up.

    Args:
        num_steps: Planned length of each.
        start: The loss before any training.
        judged_by_loss: Whether they are judged by their losses. If not, none is given up for its loss.
    """

    def __init__(self, num_steps: int, start: float, *, judged_by_loss: bool = True) -> None:
        self._num_steps = num_steps
        self._start = start
        self._judged_by_loss = judged_by_loss
        self._best = math.inf
        self._leader: list[float] | None = None

    def rule(self) -> EliminationRule:
        """The rule that the next training tells each of its losses to, to end when it says so."""
        return EliminationRule(self._num_steps, self._start, self._leader if self._judged_by_loss else None)

    def end(self, rate: float, rule: EliminationRule, values: NDArray[np.float64]) -> Trial:
        """Ends a training.

        Args:
            rate: Its rate.
            rule: Its rule.
            values: What it is judged by in the order it was measured, the lower the better.
        """
        tail = values[-max(1, 2 * len(values) // CHECKS) :]
        level = float(tail.mean()) if np.isfinite(values).all() and len(values) else math.inf
        trial = Trial(rate, rule.steps, level, rule.steps >= self._num_steps and math.isfinite(level))
        if trial.finished and level < self._best:
            self._best, self._leader = level, rule.levels
        return trial
