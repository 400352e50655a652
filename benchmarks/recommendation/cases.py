"""What was recorded: range tests, and the truth that a suggested rate is scored against.

`record.py` writes the files in data/, this module alone reads them. Nothing here needs Keras.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
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
# Cyclical rates: every third of those as the upper bound, and the lower one so many times below it.
CYCLICAL_MAXIMA, BASE_DIVISORS = RATES[::3], (3.0, 10.0, 100.0)
# Every second of them as the peak of 1cycle.
PEAKS = RATES[::2]
# Short trainings at every second of the rates: the mean loss of every so many steps.
PROBE_RATES, PROBE_STEPS, PROBE_WINDOW = RATES[::2], 300, 25
# A training at a constant rate is looked at so often, at equal distances; the last look is at its end.
PARTS = 10
# Rates that lose more than this from the first start are not trained from the others, but for those that lie nearer than the
# margin to one that does not.
HOPELESS, MARGIN = 0.7, 2.0
# Some tasks are trained so many times longer too, from fewer starts, at every second rate from so many times below the best
# one of the shorter trainings to so many times above it.
LONGER, LONG_STARTS, LONG_RATES = 10, 2, RATES[::2]
LONG_BELOW, LONG_ABOVE = 10**1.6, 10**0.7

# Methods and their constants are designed on these families; what README shows was measured on the others.
DESIGN_FAMILIES = (
    "dense",
    "regression",
    "recurrent",
    "raw tables",
    "raw series",
    "autoencoders",
    "noisy labels",
    "tiny nets",
)

_HALF_A_DECADE = 0.5 + 1e-9
# Of the two losses that are recorded at a look.
_TRAINED_ON, _HELD_OUT = 0, 1


@dataclass(frozen=True, eq=False)
class Truth:
    """Progress lost at each of some rates: 0 at the best one, 1 where training ended no better than it started."""

    rates: Array
    lost: Array

    @classmethod
    def of(cls, rates: Array, start: Array, final: Array) -> Truth:
        """From losses `start` of shape `[starts]` and `final` of shape `[starts, ..., rates]`."""
        at_start = start.reshape(-1, *[1] * (final.ndim - 1))
        # What diverged, or got worse than it was, has lost everything and no more than that.
        reached = np.where(np.isfinite(final), np.minimum(final, at_start), at_start).mean(axis=0)
        best, worst = float(reached.min()), float(start.mean())
        return cls(rates, (reached - best) / (worst - best) if worst > best else np.zeros_like(reached))

    @property
    def best(self) -> float:
        """The best of the rates."""
        return float(self.rates[np.argmin(self.lost)])

    def lost_at(self, rate: float | None) -> float:
        """Progress lost at any rate, interpolated in log LR; all of it when there is no rate."""
        return 1.0 if rate is None else float(np.interp(np.log(rate), np.log(self.rates), self.lost))

    def is_near(self, rate: float | None) -> bool:
        """Whether a rate lies within half a decade of the best one."""
        return rate is not None and abs(np.log10(rate / self.best)) <= _HALF_A_DECADE


@dataclass(frozen=True, eq=False)
class CyclicalTruth(Truth):
    """The same over pairs of bounds: `lost[divisor, maximum]`, `rates` being the maxima."""

    def lost_between(self, bounds: tuple[float, float] | None) -> float:
        if bounds is None:
            return 1.0
        low, high = bounds
        by_divisor = [np.interp(np.log(high), np.log(self.rates), row) for row in self.lost]
        return float(np.interp(np.log(high / low), np.log(BASE_DIVISORS), by_divisor))


@dataclass(frozen=True, eq=False)
class Case:
    """A task and an optimizer: the truths of its uses.

    Attributes:
        constant: By the loss over the training data at the end of `steps`.
        long: The same after ten times as many; None where that was not recorded.
        held_out: By the last loss over what was held out.
        held_out_best: By the lowest of the ten that were looked at, as if one had stopped there.
        long_held_out: By the last one of the long training.
    """

    task: str
    family: str
    optimizer: str
    batches_per_epoch: int
    steps: int
    recorded: dict[str, Array]

    def __str__(self) -> str:
        return f"{self.task}, {self.optimizer}"

    @cached_property
    def constant(self) -> Truth:
        return self.after(PARTS)

    def after(self, parts: int) -> Truth:
        """The truth at constant rates after so many tenths of the training."""
        return self._truth("constant", RATES, _TRAINED_ON, parts)

    @cached_property
    def long(self) -> Truth | None:
        return self._long(_TRAINED_ON)

    @cached_property
    def held_out(self) -> Truth:
        return self._truth("constant", RATES, _HELD_OUT, PARTS)

    @cached_property
    def held_out_best(self) -> Truth:
        looks = self.recorded["constant"][..., _HELD_OUT]
        return Truth.of(RATES, self.recorded["start"][:, _HELD_OUT], np.fmin.reduce(looks, axis=2))

    @cached_property
    def long_held_out(self) -> Truth | None:
        return self._long(_HELD_OUT)

    @cached_property
    def one_cycle(self) -> Truth:
        return self._truth("one_cycle", PEAKS, _TRAINED_ON, 1)

    @cached_property
    def cyclical(self) -> CyclicalTruth:
        start, final = self.recorded["start"][:1, _TRAINED_ON], self.recorded["cyclical"][..., _TRAINED_ON]
        return CyclicalTruth(CYCLICAL_MAXIMA, Truth.of(CYCLICAL_MAXIMA, start, final).lost)

    def _truth(self, name: str, rates: Array, which: int, parts: int) -> Truth:
        looks = self.recorded[name]
        return Truth.of(rates, self.recorded["start"][: len(looks), which], looks[:, :, parts - 1, which])

    def _long(self, which: int) -> Truth | None:
        """The truth over the rates that were trained so long; beyond them it stays as it is at the last one."""
        if "long" not in self.recorded:
            return None
        looks, start = self.recorded["long"], self.recorded["start"]
        return Truth.of(self.recorded["long_rates"], start[: len(looks), which], looks[:, :, -1, which])


@dataclass(frozen=True, eq=False)
class Run:
    """What a method sees of a case from one start: the batch losses of sweeps over `SWEEP`, all steps of them.

    Attributes:
        sweeps: Shape `[repeats, 300]`.
        short_sweep: Shape `[100]`, over `SHORT_SWEEP`.
        probes: Shape `[22, windows]`: losses of short trainings at `PROBE_RATES`, in shares of the loss at the start.
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


def load(tasks: Iterable[str]) -> list[Run]:
    """The runs of some tasks, one per optimizer and start, in order."""
    return [run for task in tasks for run in _load_task(task)]


def _load_task(task: str) -> list[Run]:
    runs = []
    with np.load(path_of(task)) as stored:
        family, optimizers = str(stored["family"]), stored["optimizers"].tolist()
        batches_per_epoch, steps = int(stored["batches_per_epoch"]), int(stored["steps"])
        for optimizer in optimizers:
            prefix = f"{optimizer}/"
            recorded = {
                key.removeprefix(prefix): stored[key].astype(np.float64) for key in stored if key.startswith(prefix)
            }
            case = Case(task, family, optimizer, batches_per_epoch, steps, recorded)
            measured = zip(recorded["sweeps"], recorded["short_sweep"], recorded["probes"], strict=True)
            runs += [Run(case, start, *columns) for start, columns in enumerate(measured)]
    return runs
