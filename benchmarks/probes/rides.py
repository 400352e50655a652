"""Trainings with range tests in their middle, many side by side on JAX.

A probe sweeps a copy of the state over an order of the data of its own, so the training goes on as if there had been none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.probes.readings import LONG_SWEEP, SWEEP, Reading, Rule, kept, read
from benchmarks.probes.shapes import SHAPES
from benchmarks.recommendation.tasks import Task
from benchmarks.recommendation.training import Trainings, batches_of

# A training is probed at most before each of its eighths and at its end.
PARTS = 8
# Trainings that run at once, and steps that they run without a look: each pair of numbers is a program.
WIDTH, CHUNK = 21, SWEEP.size
# Orders of the data: of the trainings, of the first probe, of the first one that is made once more, of the first long one.
_TRAINED, _PROBED, _AGAIN, _LONG = 5, 20, 40, 60


@dataclass(eq=False)
class Ride:
    """One training of a number of steps, the steps of its probes among them where it pays for them.

    Attributes:
        start: Which of the weights it starts from.
        shape: Name of the schedule; it begins after a first probe that is paid for.
        level: The highest rate; what a rule follows from where a probe gives none.
        rule: What sets the level after every probe; None keeps it.
        probes: Before which eighths a probe is made; `PARTS` is the end.
        pays: Whether the steps of a probe are steps not trained.
        thorough: Whether each probe is made in three other ways, too: `again`, `long` and `carried`.
        levels: The highest rate in each eighth, shape `[8]`.
        looks: Losses over training data and held-out data after each eighth, shape `[8, 2]`.
        readings: What each probe told.
        swept: Its losses as they are stored, shape `[probes, 100]`.
        again: What it told when it was made once more over another order of the data.
        long: What it told when it was three times as long.
        carried: What it told when the velocity of the training was carried into the sweep as it was.
    """

    start: int
    shape: str
    level: float
    rule: Rule | None = None
    probes: tuple[int, ...] = ()
    pays: bool = False
    thorough: bool = False
    levels: NDArray[np.float64] = field(default_factory=lambda: np.full(PARTS, np.nan))
    looks: NDArray[np.float32] = field(default_factory=lambda: np.full((PARTS, 2), np.nan, np.float32))
    readings: list[Reading] = field(default_factory=list)
    swept: list[NDArray[np.float16]] = field(default_factory=list)
    again: list[Reading] = field(default_factory=list)
    long: list[Reading] = field(default_factory=list)
    carried: list[Reading] = field(default_factory=list)
    trained: int = 0

    def take(self, losses: NDArray[np.float32], optimizer: str, steps: int) -> None:
        """Reads a probe, as it will be stored, and sets the level by it."""
        cost = read(losses, optimizer, steps).cost
        self.swept.append(kept(losses, cost))
        reading = read(self.swept[-1], optimizer, steps)
        self.readings.append(reading)
        self.level = (self.rule(self.readings) if self.rule else None) or self.level

    def rates(self, part: int, steps: int) -> NDArray[np.float64]:
        """The rates of an eighth of the steps; NaN where a probe took their place."""
        size = steps // PARTS
        self.levels[part] = self.level
        before = self.readings[0].cost if self.pays else 0
        places = np.arange(part * size, (part + 1) * size) - before
        rates = self.level * _factors(self.shape, steps - before)[places]
        if self.pays and part in self.probes:
            rates[: self.readings[-1].cost] = np.nan
        return rates

    def batches(self, rates: NDArray[np.float64], order: NDArray[np.int32]) -> NDArray[np.int32]:
        """The batches for some rates: the next ones of the order, whatever the probes took."""
        counts = self.trained + np.cumsum(np.isfinite(rates)) - 1
        self.trained = int(counts[-1]) + 1
        return order[np.maximum(counts, 0)]


@cache
def _factors(shape: str, steps: int) -> NDArray[np.float64]:
    return SHAPES[shape](steps)


@cache
def _order(task: Task, steps: int, seed: tuple[int, ...]) -> NDArray[np.int32]:
    return batches_of(task, steps, list(seed))


class Rides:
    """Runs the trainings of a task with an optimizer, all of so many steps: at least eight times those of a probe."""

    def __init__(self, task: Task, optimizer: str, trainings: Trainings, steps: int) -> None:
        self._task, self._optimizer, self._trainings, self._steps = task, optimizer, trainings, steps

    def run(self, rides: list[Ride]) -> None:
        for first in range(0, len(rides), WIDTH):
            self._run_side_by_side(rides[first : first + WIDTH])

    def _run_side_by_side(self, rides: list[Ride]) -> None:
        starts = [ride.start for ride in rides]
        states = self._trainings.states_of(starts + [0] * (WIDTH - len(rides)))
        for part in range(PARTS + 1):
            self._probe([ride if part in ride.probes else None for ride in rides], states, part)
            if part < PARTS:
                states = self._train(rides, states, part)
                for ride, look in zip(rides, self._trainings.look(states), strict=False):
                    ride.looks[part] = look

    def _probe(self, rides: list[Ride | None], states: object, part: int) -> None:
        for ride, losses in self._sweep(rides, states, SWEEP, _PROBED + part):
            ride.take(losses, self._optimizer, self._steps)
        thorough = [ride if ride and ride.thorough else None for ride in rides]
        for ride, losses in self._sweep(thorough, states, SWEEP, _AGAIN + part):
            ride.again.append(read(losses, self._optimizer, self._steps))
        for ride, losses in self._sweep(thorough, states, LONG_SWEEP, _LONG + part):
            ride.long.append(read(losses, self._optimizer, self._steps, LONG_SWEEP))
        for ride, losses in self._sweep(thorough, states, SWEEP, _PROBED + part, slowed=False):
            ride.carried.append(read(losses, self._optimizer, self._steps))

    def _sweep(
        self, rides: list[Ride | None], states: object, swept: NDArray[np.float64], order: int, slowed: bool = True
    ) -> list[tuple[Ride, NDArray[np.float32]]]:
        """The losses of a sweep of each ride that there is; the states stay as they are."""
        if not any(rides):
            return []
        rates, batches = self._idle(swept.size)
        for row, ride in enumerate(rides):
            if ride:
                rates[row] = swept
                batches[row] = _order(self._task, swept.size, (ride.start, order))
        at_start = self._trainings.slowed(states, SWEEP[0]) if slowed else states
        losses = self._advance(at_start, rates, batches)[1]
        return [(ride, found) for ride, found in zip(rides, losses, strict=False) if ride]

    def _train(self, rides: list[Ride], states: object, part: int) -> object:
        rates, batches = self._idle(self._steps // PARTS)
        for row, ride in enumerate(rides):
            rates[row] = ride.rates(part, self._steps)
            batches[row] = ride.batches(rates[row], _order(self._task, self._steps, (ride.start, _TRAINED)))
        return self._advance(states, rates, batches)[0]

    def _advance(
        self, states: object, rates: NDArray[np.float64], batches: NDArray[np.int32]
    ) -> tuple[object, NDArray[np.float32]]:
        found = []
        for first in range(0, rates.shape[1], CHUNK):
            chunk = slice(first, first + CHUNK)
            states, losses = self._trainings.advance(states, rates[:, chunk], batches[:, chunk])
            found.append(losses)
        return states, np.concatenate(found, axis=1)

    def _idle(self, steps: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        return np.full((WIDTH, steps), np.nan), np.zeros((WIDTH, steps, self._task.batch_size), np.int32)
