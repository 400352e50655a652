"""Scores: how much progress a suggested rate loses, over all runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.recommendation.cases import Array, Run, Truth
from benchmarks.recommendation.methods import Method, Rates
from tb_lrfinder.curves.suggestion import Suggestion

# A suggestion is good when it loses less than this share of the possible progress.
GOOD = 0.1
# Of the interval over tasks: its lower end, and how many times the tasks are drawn anew.
_LOWER_END, _DRAWS = 0.05, 4_000


@dataclass(frozen=True)
class Score:
    """Over all runs: mean lost progress, share that loses too much, share within half a decade of the best rate."""

    mean: float
    bad: float
    near: float

    @classmethod
    def of(cls, rates: Sequence[float | None], truths: Sequence[Truth]) -> Score:
        lost = np.array([truth.lost_at(rate) for rate, truth in zip(rates, truths, strict=True)])
        near = [truth.is_near(rate) for rate, truth in zip(rates, truths, strict=True)]
        return cls(float(lost.mean()), float((lost > GOOD).mean()), float(np.mean(near)))

    def cells(self) -> list[str]:
        return [f"{self.mean:.3f}", f"{self.bad:.1%}", f"{self.near:.0%}"]


@dataclass(frozen=True)
class Row:
    """A method's scores for both truths that every method has, and its cost in steps."""

    name: str
    constant: Score
    one_cycle: Score
    steps: float

    def cells(self) -> list[str]:
        return [self.name, *self.constant.cells(), *self.one_cycle.cells(), f"{self.steps:.0f}"]


def score(name: str, method: Method, runs: Sequence[Run]) -> Row:
    """One row of the table. A method whose answer is no number has no answer."""
    with np.errstate(all="ignore"):  # peers compute with infinite losses
        answers = [method(run) for run in runs]
    return Row(
        name,
        Score.of([answer.constant for answer in answers], [run.case.constant for run in runs]),
        Score.of([answer.one_cycle for answer in answers], [run.case.one_cycle for run in runs]),
        float(np.mean([answer.steps for answer in answers])),
    )


def cyclical(method: Callable[[Run], Rates], runs: Sequence[Run]) -> tuple[float, float]:
    """Mean lost progress of a method's cyclical bounds, and the share that loses too much."""
    lost = np.array([run.case.cyclical.lost_between(method(run).cyclical) for run in runs])
    return float(lost.mean()), float((lost > GOOD).mean())


def shift_of_best(runs: Sequence[Run], truth_of: Callable[[Run], Truth | None]) -> tuple[int, float]:
    """How many cases have another truth, and the median distance of its best rate from that of the plain one, in decades."""
    cases = {str(run.case): run for run in runs}
    pairs = [(truth_of(run), run.case.constant) for run in cases.values()]
    shifts = [np.log10(other.best / plain.best) for other, plain in pairs if other is not None]
    return len(shifts), float(np.median(shifts)) if shifts else float("nan")


@dataclass(frozen=True)
class Calibration:
    """How good the suggestions with one word of confidence were.

    Attributes:
        count: Suggestions with that word.
        good: Share of them that is good.
        at_least: The lower end of the 90 % interval of that share over tasks: the next user brings another one.
        mean: Mean lost progress.
    """

    count: int
    good: float
    at_least: float
    mean: float


def calibration(suggested: Sequence[Suggestion], runs: Sequence[Run]) -> dict[str, Calibration]:
    """By word, in the order from sure to doubtful."""
    words = np.array([found.confidence.word if found.confidence else "none given" for found in suggested])
    tasks = np.array([run.case.task for run in runs])
    lost = np.array(
        [run.case.constant.lost_at(found.learning_rate) for found, run in zip(suggested, runs, strict=True)]
    )
    return {
        word: Calibration(
            int(chosen.sum()),
            float((lost[chosen] < GOOD).mean()),
            _at_least(lost[chosen] < GOOD, tasks[chosen]),
            lost[chosen].mean(),
        )
        for word in ("sure", "likely", "doubtful", "none given")
        if (chosen := words == word).any()
    }


def _at_least(good: NDArray[np.bool_], tasks: NDArray[np.str_]) -> float:
    """The lower end of the interval of a share, by drawing whole tasks anew (a cluster bootstrap)."""
    names, which = np.unique(tasks, return_inverse=True)
    counts = np.bincount(which)
    hits = np.bincount(which, good)
    drawn = np.random.default_rng(0).integers(0, names.size, (_DRAWS, names.size))
    shares: Array = hits[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return float(np.quantile(shares, _LOWER_END))
