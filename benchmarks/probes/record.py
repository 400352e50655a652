"""Records trainings with range tests in their middle into records/: what the tables are made of.

Usage, from the repository root:

    python -m benchmarks.probes.record [--processes N] [TASK ...]

What has a file is not recorded again: a recording that was interrupted goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import time
from multiprocessing import get_context
from typing import Any

# One thread a process: the programs are small, and there is one process per core.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

from benchmarks.probes.readings import RULES, Reading
from benchmarks.probes.records import (
    BUDGETS,
    FOLLOWERS,
    MOMENTUM,
    ONE_TEST,
    OPTIMIZERS,
    SCHEDULES,
    STARTS,
    path_of,
    wanted,
)
from benchmarks.probes.records import TASKS as PROBED
from benchmarks.probes.rides import PARTS, Ride, Rides
from benchmarks.recommendation.cases import Truth
from benchmarks.recommendation.cases import load as load_truths
from benchmarks.recommendation.peers import KERAS_DEFAULTS
from benchmarks.recommendation.record import rounded
from benchmarks.recommendation.tasks import FAMILIES, TASKS, Task
from benchmarks.recommendation.training import Trainings, starting_weights

Arrays = dict[str, NDArray[Any]]
# The best rate is searched among three a decade: from four below the best one of the recommendation benchmark's shorter
# trainings to two above it, and further on while the best lies at an end.
_PER_DECADE, _BELOW, _ABOVE, _FURTHEST = 3, 4, 2, 9


class Search:
    """The best rate of a schedule, over all starts."""

    def __init__(self, schedule: str, around: float) -> None:
        self.schedule = schedule
        self._middle = round(_PER_DECADE * np.log10(around))
        self._wanted = [self._middle + step for step in range(-_BELOW, _ABOVE + 1)]
        self._rides: dict[int, list[Ride]] = {}

    def next(self) -> list[Ride]:
        """The trainings to be run next; none when the best rate is found."""
        new = {place: self._from_all_starts(place) for place in self._wanted}
        self._rides |= new
        return [ride for rides in new.values() for ride in rides]

    def go_on(self, start: NDArray[np.float32]) -> None:
        """Asks for the next rates beyond an end where the best one lies."""
        places = sorted(self._rides)
        best = places[int(np.argmin(self.truth(start).lost))]
        beyond = {places[0]: places[0] - 1, places[-1]: places[-1] + 1}.get(best)
        self._wanted = [] if beyond is None or abs(beyond - self._middle) > _FURTHEST else [beyond]

    def _from_all_starts(self, place: int) -> list[Ride]:
        return [Ride(start, self.schedule, 10 ** (place / _PER_DECADE)) for start in range(STARTS)]

    @property
    def rates(self) -> NDArray[np.float64]:
        return np.array([10 ** (place / _PER_DECADE) for place in sorted(self._rides)])

    @property
    def looks(self) -> NDArray[np.float32]:
        """Shape `[starts, rates, 8, 2]`."""
        return np.stack([[ride.looks for ride in self._rides[place]] for place in sorted(self._rides)], axis=1)

    def truth(self, start: NDArray[np.float32]) -> Truth:
        return Truth.of(self.rates, start[:, 0].astype(np.float64), self.looks[:, :, -1, 0].astype(np.float64))


def record_case(task: Task, optimizer: str, trainings: Trainings, steps: int) -> Arrays:
    rides, start = Rides(task, optimizer, trainings, steps), trainings.start_losses()
    searches = _searched(task.name, optimizer, rides, start)
    best = {search.schedule: search.truth(start).best for search in searches}
    default = KERAS_DEFAULTS[optimizer]
    every = tuple(range(PARTS + 1))
    probed = [
        [Ride(one, name, rate, probes=every, thorough=True) for one in range(STARTS)] for name, rate in best.items()
    ]
    suggested = [
        [Ride(one, name, default, RULES[rule], (0,), pays=True) for one in range(STARTS)]
        for name, rule in ONE_TEST.items()
    ]
    followers = [
        [Ride(one, shape, default, RULES[rule], probes, pays) for one in range(STARTS)]
        for rule, shape, pays, probes in FOLLOWERS.values()
    ]
    rides.run([ride for group in (*followers, *probed, *suggested) for ride in group])
    found: Arrays = {"start": start}
    for search, group in zip(searches, probed, strict=True):
        found |= {
            f"{search.schedule}/rates": search.rates,
            f"{search.schedule}/looks": search.looks,
            f"{search.schedule}/best": np.array(best[search.schedule]),
            f"{search.schedule}/swept": np.array([ride.swept for ride in group]),
            f"{search.schedule}/again": np.array([_read_rates(ride.again) for ride in group], np.float32),
            f"{search.schedule}/long": np.array([_read_rates(ride.long) for ride in group], np.float32),
        }
        if optimizer == MOMENTUM:
            found[f"{search.schedule}/carried"] = np.array([_read_rates(ride.carried) for ride in group], np.float32)
    return found | {
        "one_test/looks": np.array([[ride.looks for ride in group] for group in suggested]),
        "one_test/levels": np.array([[ride.levels[0] for ride in group] for group in suggested]),
        "followers/looks": np.array([[ride.looks for ride in group] for group in followers]),
        "followers/levels": np.array([[ride.levels for ride in group] for group in followers], np.float32),
        "followers/costs": np.array([[_costs(ride) for ride in group] for group in followers], np.uint8),
    }


def _read_rates(readings: list[Reading]) -> list[list[float]]:
    found = [(one.suggestion, one.lower, one.upper, one.edge) for one in readings]
    return [[np.nan if rate is None else rate for rate in rates] for rates in found]


def _costs(ride: Ride) -> list[int]:
    """The steps of the probe before each eighth."""
    costs = dict(zip(ride.probes, (one.cost for one in ride.readings), strict=True))
    return [costs.get(part, 0) for part in range(PARTS)]


def _searched(task: str, optimizer: str, rides: Rides, start: NDArray[np.float32]) -> list[Search]:
    case = next(run.case for run in load_truths([task]) if run.case.optimizer == optimizer)
    centres = {"constant": case.constant.best, "1cycle": case.one_cycle.best, "cosine": case.one_cycle.best}
    searches = [Search(name, centres[name]) for name in SCHEDULES]
    while wanted_rides := [ride for search in searches for ride in search.next()]:
        rides.run(wanted_rides)
        for search in searches:
            search.go_on(start)
    return searches


def record(name: str) -> str:
    """Records what is missing of a task; says how long that took."""
    began, task = time.perf_counter(), TASKS[name]
    family = next(family for family, tasks in FAMILIES.items() if task in tasks)
    weights = [starting_weights(task, seed) for seed in range(STARTS)]
    for optimizer in OPTIMIZERS:
        trainings = Trainings(task, optimizer, weights)
        for steps in BUDGETS:
            path = path_of(name, optimizer, steps)
            if path.exists():
                continue
            path.parent.mkdir(exist_ok=True)
            recorded = record_case(task, optimizer, trainings, steps)
            with path.with_suffix(".part").open("wb") as file:
                rounded_off = {key: rounded(values) for key, values in recorded.items()}
                np.savez_compressed(file, allow_pickle=False, family=np.array(family), **rounded_off)
            path.with_suffix(".part").rename(path)
    return f"{name}: {time.perf_counter() - began:.0f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    chosen = options.tasks or PROBED
    missing = [task for task in chosen if not all(path_of(*what).exists() for what in wanted([task]))]
    # Each task in a process of its own: what is compiled for one is of no use to another, and takes memory.
    with get_context("spawn").Pool(options.processes, maxtasksperchild=1) as pool:
        for done in pool.imap_unordered(record, missing):
            print(done, flush=True)


if __name__ == "__main__":
    main()
