"""What was recorded: range tests, and the truth that a suggested rate is scored against.

`record.py` writes the files in data/, this module alone reads them. Nothing here needs Keras.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"
Array = NDArray[np.float64]

# Every case is run from so many starts, and every start is swept so often, each time over the data in another order.
STARTS, REPEATS = 3, 3
SWEEP, SHORT_SWEEP = np.geomspace(1e-7, 10.0, 300), np.geomspace(1e-7, 10.0, 100)
# Six rates a decade from 1e-6 to 10.
RATES = np.geomspace(1e-6, 10.0, 43)
# Cyclical rates: every second of those as the upper bound, and the lower one so many times below it.
CYCLICAL_MAXIMA, BASE_DIVISORS = RATES[::2], (3.0, 10.0, 100.0)
# Short trainings at each of the rates: the mean loss of every so many steps.
PROBE_STEPS, PROBE_WINDOW = 300, 25

# The default method was designed on these; the other tasks were recorded when it was fixed.
DESIGNED_ON = (
    "circles, small",
    "diabetes, raw",
    "diabetes, scaled",
    "digits",
    "digits, autoencoder",
    "digits, batches of 2",
    "digits, noisy labels",
    "houses, raw",
    "linear, ill-conditioned",
    "order, GRU",
    "series, windows",
    "waves, LSTM",
    "wine, logistic",
)

_HALF_A_DECADE = 0.5 + 1e-9


@dataclass(frozen=True, eq=False)
class Truth:
    """Progress lost at each rate of a grid: 0 at the best one, 1 where training ended no better than it started."""

    lost: Array

    @classmethod
    def of(cls, start: Array, final: Array) -> Truth:
        """From losses `start` of shape `[starts]` and `final` of shape `[starts, ...]`, the grid behind the first axis."""
        at_start = start.reshape(-1, *[1] * (final.ndim - 1))
        # What diverged, or got worse than it was, has lost everything and no more than that.
        reached = np.where(np.isfinite(final), np.minimum(final, at_start), at_start).mean(axis=0)
        best, worst = reached.min(), start.mean()
        return cls((reached - best) / (worst - best))

    @property
    def best(self) -> float:
        """The best rate of a grid over `RATES`."""
        return float(RATES[np.argmin(self.lost)])

    def lost_at(self, rate: float | None) -> float:
        """Progress lost at any rate, interpolated in log LR; all of it when there is no rate."""
        return 1.0 if rate is None else float(np.interp(np.log(rate), np.log(RATES), self.lost))

    def is_near(self, rate: float | None) -> bool:
        """Whether a rate lies within half a decade of the best one."""
        return rate is not None and abs(np.log10(rate / self.best)) <= _HALF_A_DECADE


@dataclass(frozen=True, eq=False)
class CyclicalTruth(Truth):
    """The same over pairs of bounds: `lost[divisor, maximum]`."""

    def lost_between(self, bounds: tuple[float, float] | None) -> float:
        if bounds is None:
            return 1.0
        low, high = bounds
        by_divisor = [np.interp(np.log(high), np.log(CYCLICAL_MAXIMA), row) for row in self.lost]
        return float(np.interp(np.log(high / low), np.log(BASE_DIVISORS), by_divisor))


@dataclass(frozen=True, eq=False)
class Case:
    """A task and an optimizer: the truths of its three uses."""

    task: str
    optimizer: str
    batches_per_epoch: int
    constant: Truth
    one_cycle: Truth
    cyclical: CyclicalTruth

    def __str__(self) -> str:
        return f"{self.task}, {self.optimizer}"


@dataclass(frozen=True, eq=False)
class Run:
    """What a method sees of a case from one start: the batch losses of sweeps over `SWEEP`, all steps of them.

    Attributes:
        sweeps: Shape `[repeats, 300]`.
        short_sweep: Shape `[100]`, over `SHORT_SWEEP`.
        probes: Shape `[43, windows]`: losses of short trainings at each of `RATES`, in shares of the loss at the start.
    """

    case: Case
    start: int
    sweeps: Array
    short_sweep: Array
    probes: Array


def path_of(task: str) -> Path:
    return DATA / f"{task.replace(', ', '__').replace(' ', '_')}.npz"


def recorded_tasks() -> list[str]:
    return sorted(path.stem.replace("__", ", ").replace("_", " ") for path in DATA.glob("*.npz"))


def load(tasks: Iterable[str], optimizers: Iterable[str]) -> list[Run]:
    """The runs of some tasks, one per start, in order."""
    kinds = list(optimizers)
    return [run for task in tasks for run in _load_task(task, kinds)]


def _load_task(task: str, optimizers: list[str]) -> list[Run]:
    runs = []
    with np.load(path_of(task)) as stored:
        for optimizer in optimizers:
            start, constant, one_cycle, cyclical, sweeps, short, probes = (
                stored[f"{optimizer}/{name}"].astype(np.float64)
                for name in ("start", "constant", "one_cycle", "cyclical", "sweeps", "short_sweep", "probes")
            )
            case = Case(
                task,
                optimizer,
                int(stored["batches_per_epoch"]),
                Truth.of(start, constant),
                Truth.of(start, one_cycle),
                CyclicalTruth(Truth.of(start, cyclical).lost),
            )
            runs += [Run(case, index, sweeps[index], short[index], probes[index]) for index in range(len(start))]
    return runs
