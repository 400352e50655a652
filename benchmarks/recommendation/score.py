"""Scores: how much progress a suggested rate loses, over all runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.recommendation.cases import Array, Run, Truth
from benchmarks.recommendation.methods import CANDIDATES, Constants, Method, Rates, with_constants
from tb_lrfinder.curves.suggestion import Suggestion

# A suggestion is good when it loses less than this share of the possible progress.
GOOD = 0.1


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


@dataclass(frozen=True)
class LeftOut:
    """The default method on tasks that its constants were not chosen on."""

    score: Score
    chosen: dict[Constants, int]


def leave_one_task_out(runs: Sequence[Run], truth_of: Callable[[Run], Truth]) -> LeftOut:
    """For every task, takes the constants with the least mean lost progress on all others, and scores them on this one."""
    tasks = np.array([run.case.task for run in runs])
    answers = [with_constants(run) for run in runs]
    truths = [truth_of(run) for run in runs]
    lost: Array = np.array(
        [[truth.lost_at(answer[one]) for one in CANDIDATES] for answer, truth in zip(answers, truths, strict=True)]
    )
    rates: list[float | None] = [None] * len(runs)
    chosen: dict[Constants, int] = {}
    for task in dict.fromkeys(tasks.tolist()):
        best = CANDIDATES[int(lost[tasks != task].mean(axis=0).argmin())]
        chosen[best] = chosen.get(best, 0) + 1
        for index in np.flatnonzero(tasks == task).tolist():
            rates[index] = answers[index][best]
    return LeftOut(Score.of(rates, truths), chosen)


def calibration(suggested: Sequence[Suggestion], runs: Sequence[Run]) -> dict[str, tuple[int, float, float]]:
    """By word: how many suggestions, the share of good ones, the mean lost progress."""
    lost: dict[str, list[float]] = {}
    for found, run in zip(suggested, runs, strict=True):
        word = found.confidence.word if found.confidence else "none given"
        lost.setdefault(word, []).append(run.case.constant.lost_at(found.learning_rate))
    words = [word for word in ("sure", "likely", "doubtful", "none given") if word in lost]
    return {
        word: (len(lost[word]), float(np.mean(np.array(lost[word]) < GOOD)), float(np.mean(lost[word])))
        for word in words
    }
