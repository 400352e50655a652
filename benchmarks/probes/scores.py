"""What was reached, beside the best constant rate of a grid. Nothing here needs Keras.

A loss is the last one of the training data, or the lowest one of the held-out data, as if one had stopped there. The best
rate of a grid is the one that is best by that very loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.probes.records import FOLLOWERS, ONE_TEST, SCHEDULES, Array, Record, final_losses
from benchmarks.recommendation.score import GOOD

BEST, ONE = "best ", "one test, "
RIVALS = ("best constant", "best 1cycle", "one test, 1cycle", "one test, cosine")


def ways() -> list[str]:
    """The names of all that is compared, in the order of the table."""
    return [*(BEST + name for name in SCHEDULES), *(ONE + name for name in ONE_TEST), *FOLLOWERS]


def reached(record: Record, way: str, held_out: bool = False) -> float:
    """The loss of a way, the mean over the starts; what diverged or got worse than it was ends where it started."""
    start, final = record.arrays["start"][:, int(held_out)], _final(record, way, held_out)
    return float(np.where(np.isfinite(final), np.minimum(final, start), start).mean())


def _final(record: Record, way: str, held_out: bool) -> Array:
    """The losses from all starts."""
    if way.startswith(BEST):
        schedule = way.removeprefix(BEST)
        best = int(np.argmin(record.truth(schedule, held_out).lost))
        return final_losses(record.arrays[f"{schedule}/looks"][:, best], held_out)
    if way.startswith(ONE):
        return final_losses(record.arrays["one_test/looks"][list(ONE_TEST).index(way.removeprefix(ONE))], held_out)
    return final_losses(record.arrays["followers/looks"][list(FOLLOWERS).index(way)], held_out)


def lost(record: Record, way: str, held_out: bool = False) -> float:
    """The share of the best constant rate's progress that a way loses; below 0 it does better, at 1 it learns nothing."""
    start, best = float(record.arrays["start"][:, int(held_out)].mean()), reached(record, BEST + "constant", held_out)
    return (reached(record, way, held_out) - best) / (start - best) if start > best else 0.0


@dataclass(frozen=True)
class Comparison:
    """A way over all cases, each a task with an optimizer.

    Attributes:
        mean: Lost progress beside the best constant rate; `held_out` by the held-out data.
        bad: Share of cases that lose more than 0.1.
        ratio: Median of its loss in shares of the best constant rate's.
        wins: Cases in which its loss is lower than that of each of `RIVALS`.
    """

    mean: float
    held_out: float
    bad: float
    ratio: float
    wins: tuple[int, ...]

    @classmethod
    def of(cls, way: str, records: Sequence[Record]) -> Comparison:
        trained = np.array([lost(record, way) for record in records])
        final = np.array([reached(record, way) for record in records])
        rivals = [np.array([reached(record, name) for record in records]) for name in RIVALS]
        return cls(
            float(trained.mean()),
            float(np.mean([lost(record, way, held_out=True) for record in records])),
            float((trained > GOOD).mean()),
            float(np.median(final / rivals[0])),
            tuple(int((final < rival).sum()) for rival in rivals),
        )
