"""The rules that end a training early: a sweep when its loss diverges, a trial when it falls behind the best one."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tb_lrfinder.curves.wording import Words

# Median of five: two bad batches in a row move nothing, and a true divergence is seen three steps after it starts.
_WINDOW = 5
# Below this share of the steps a rise is called an early spike, not the divergence of a large rate.
_MIN_SHARE = 0.1
_MIN_POINTS = 2 * _WINDOW
# A drop smaller than this many times the batch-to-batch noise could be noise itself, so it cannot set the scale.
_NOISE_MULTIPLE = 4.0
# A drop smaller than this share of the start could be the rounding of float32 losses, so it cannot set the scale. Ten times
# the resolution of the analysis, which averages what is compared here loss by loss.
_ROUNDING = 1e-5
# Short trainings are compared so many times, each time by the mean loss of the last two of these stretches.
CHECKS = 12
# A training is given up when it lags behind the best one, at the same step, by this share of what that has gained; the lead
# changes early on, so not before half of its steps. Chosen in benchmarks/recommendation.
LAG, _FIRST_CHECK = 0.3, CHECKS // 2 - 1


@dataclass(frozen=True)
class Stop:
    """Why a training ended: a `reason` for code and a `text` for people.

    A rule does not know the name of what it judges: its text is a template of `Words`, which `told` fills in.
    """

    reason: str
    text: str
    level: float = 0.0

    def told(self, words: Words) -> Stop:
        """The same in words, the level in the sense of what was measured."""
        return Stop(self.reason, words(self.text, level=f"{words.sign * self.level:.3g}"))


class StopRule(Protocol):
    """Says when a training must stop."""

    def update(self, loss: float) -> Stop | None:
        """Takes the loss of the next step; returns why the training must stop, or None."""
        ...


class DivergenceRule:
    """Stops a sweep whose loss has risen far above its start.

    Let `m` be the running median of the last five losses, `best` the lowest `m` so far, and `start` the first `m`. The
    sweep stops when

        m > best + divergence_factor * max(start - best, 4 * noise)

    `noise` is the median absolute difference of successive losses: it sets the scale while the loss has not fallen. The
    threshold follows the drop seen so far, not a multiple of the best loss, so the rule is the same for losses at, near and
    below zero, and adding a constant to the loss changes nothing. A loss that is NaN or infinite stops the sweep at once.

    Args:
        divergence_factor: Above 1; None never stops on a rising loss (a non-finite one still ends the test).
        num_steps: Planned length; no rise stops the first tenth of it, nor the first 10 steps.
    """

    def __init__(self, divergence_factor: float | None, num_steps: int) -> None:
        check_divergence_factor(divergence_factor)
        self._factor = divergence_factor
        self._patience = max(_MIN_POINTS, math.ceil(_MIN_SHARE * num_steps))
        self._recent: deque[float] = deque(maxlen=_WINDOW)
        self._changes: deque[float] = deque(maxlen=64)
        self._start = math.nan
        self._best = math.inf
        self._seen = 0

    def update(self, loss: float) -> Stop | None:
        """Takes the loss of the next step; returns why the sweep must stop, or None."""
        self._seen += 1
        if not math.isfinite(loss):
            word = "NaN" if math.isnan(loss) else "infinite"
            return Stop("non_finite", f"Stopped at step {self._seen}: {{the}} became {word}.")
        if self._factor is None:
            return None
        if self._recent:
            self._changes.append(abs(loss - self._recent[-1]))
        self._recent.append(loss)
        if len(self._recent) < _WINDOW:
            return None
        level = sorted(self._recent)[_WINDOW // 2]
        if math.isnan(self._start):
            self._start = level
        self._best = min(self._best, level)
        # Most steps lie below the start: they need no threshold.
        if level <= self._start or self._seen <= self._patience:
            return None
        noise = statistics.median(self._changes)
        scale = max(self._start - self._best, _NOISE_MULTIPLE * noise, _ROUNDING * abs(self._start))
        threshold = self._best + self._factor * scale
        if level <= threshold:
            return None
        return Stop("diverged", f"Stopped at step {self._seen}: {{the}} {{rose}} {{above}} {{level}}.", threshold)


class EliminationRule:
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
        self._stretch = max(1, num_steps // CHECKS)
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
        if not _FIRST_CHECK <= check < len(self._leader):
            return False
        gained = max(self._start - self._leader[check], 0.0)
        return self.levels[check] > self._leader[check] + LAG * gained


def check_divergence_factor(divergence_factor: float | None) -> None:
    """Raises `ValueError` unless the factor is above 1 or None."""
    if divergence_factor is not None and not divergence_factor > 1:
        raise ValueError(
            "`divergence_factor` must exceed 1, or be None to sweep to `end_lr` whatever the loss does. "
            f"Received: divergence_factor={divergence_factor}."
        )
