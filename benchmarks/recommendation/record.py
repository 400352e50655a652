"""Records range tests and trainings of every task into data/: what the methods are scored on.

Usage, from the repository root:

    python -m benchmarks.recommendation.record [--processes N] [TASK ...]

Without names, every task that has no file yet is recorded: a recording that was interrupted goes on where it was. Each
process works on a task of its own; on a graphics processor one of them is enough.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable, Sequence
from functools import cache, partial
from itertools import zip_longest
from multiprocessing import get_context
from typing import Any

# One thread a process: the programs are small, and there is one process per core.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray

from benchmarks.recommendation.cases import (
    BASE_DIVISORS,
    CYCLICAL_MAXIMA,
    DESIGN_FAMILIES,
    HOPELESS,
    LONG_ABOVE,
    LONG_BELOW,
    LONG_RATES,
    LONG_STARTS,
    LONGER,
    MARGIN,
    PARTS,
    PEAKS,
    PROBE_RATES,
    PROBE_STEPS,
    PROBE_WINDOW,
    RATES,
    REPEATS,
    SHORT_SWEEP,
    STARTS,
    SWEEP,
    Truth,
    path_of,
)
from benchmarks.recommendation.tasks import FAMILIES, TASKS, Task, optimizers_of
from benchmarks.recommendation.training import Lane, Trainings, Weights, batches_of, starting_weights
from tb_lrfinder.rates.formulas import one_cycle

Arrays = dict[str, NDArray[Any]]


def triangular(low: float, high: float, steps: int, cycles: int = 2) -> NDArray[np.float64]:
    """Smith's triangular cycles (arXiv:1506.01186), so many over the whole training, from `low` to `high` and back."""
    position = np.arange(steps) / steps * cycles % 1
    return low + (high - low) * (1 - np.abs(2 * position - 1))


def peaked(rates: NDArray[np.float64], steps: int) -> list[NDArray[np.float64]]:
    """1cycle with each of the rates as its peak."""
    rise = (round(0.3 * steps) + 1) / steps  # the peak comes after 30 % of the steps
    cycle = partial(one_cycle, np.arange(steps), total_steps=steps, warmup_share=rise)
    return [cycle(peak_learning_rate=rate) for rate in rates]


class Grid:
    """Trainings from some starts under some schedules, of which not all are tried.

    Args:
        task: What is trained.
        schedules: The rates of each training, in order.
        tried: Indices of the schedules that are worth it.
        starts: Which starts.
        kind: Which order of the data.
        looks: How often the loss over all data is taken.
    """

    def __init__(
        self,
        task: Task,
        schedules: Sequence[NDArray[np.float64]],
        tried: Iterable[int],
        starts: Sequence[int],
        kind: int,
        looks: int = 0,
    ) -> None:
        self._shape = (len(starts), len(schedules))
        self._looks = looks
        self._lanes = {
            (row, index): Lane(start, _batches(task, len(schedules[index]), (start, kind)), schedules[index], looks)
            for index in tried
            for row, start in enumerate(starts)
        }

    @property
    def lanes(self) -> list[Lane]:
        return list(self._lanes.values())

    def reached(self) -> NDArray[np.float32]:
        """The losses at each look, shape `[starts, schedules, looks, 2]`; NaN where nothing was tried."""
        found = np.full((*self._shape, self._looks, 2), np.nan, np.float32)
        for place, lane in self._lanes.items():
            found[place] = lane.reached
        return found

    def losses(self, steps: int) -> NDArray[np.float32]:
        """The losses of the batches, shape `[starts, schedules, steps]`; NaN where nothing was tried."""
        found = np.full((*self._shape, steps), np.nan, np.float32)
        for place, lane in self._lanes.items():
            found[place] = lane.losses
        return found


def record_case(task: Task, optimizer: str, weights: list[Weights]) -> Arrays:
    """All that is kept of one case.

    What the first start gains next to nothing from is not tried again: what is kept of it stands for the other starts.
    """
    trainings = Trainings(task, optimizer, weights)
    start, rates = trainings.start_losses().astype(np.float64), [np.full(task.steps, rate) for rate in RATES]
    first = Grid(task, rates, range(RATES.size), [0], 0, PARTS)
    trainings.run(first.lanes)
    constant = np.concatenate([first.reached() * (one / start[0]) for one in start])
    truth = Truth.of(RATES, start[:1, 0], constant[:1, :, -1, 0])
    learns = RATES[truth.lost < HOPELESS]

    def tried(among: NDArray[np.float64]) -> NDArray[np.intp]:
        """Those that may learn."""
        return np.flatnonzero((among >= learns[0] / MARGIN) & (among <= learns[-1] * MARGIN))

    others = Grid(task, rates, tried(RATES), range(1, STARTS), 0, PARTS)
    one_cycle = Grid(task, peaked(PEAKS, task.steps), tried(PEAKS), range(STARTS), 0, 1)
    pairs = [(high / divisor, high) for divisor in BASE_DIVISORS for high in CYCLICAL_MAXIMA]
    cycles = [triangular(low, high, task.steps) for low, high in pairs]
    cyclical = Grid(task, cycles, tried(np.array([high for _, high in pairs])), [0], 0, 1)
    probes = Grid(task, [np.full(PROBE_STEPS, one) for one in PROBE_RATES], tried(PROBE_RATES), range(STARTS), 2)
    sweeps = [Grid(task, [SWEEP], [0], range(STARTS), 10 + repeat) for repeat in range(REPEATS)]
    short = Grid(task, [SHORT_SWEEP], [0], range(STARTS), 10 + REPEATS)
    long_rates = LONG_RATES[(truth.best / LONG_BELOW < LONG_RATES) & (truth.best * LONG_ABOVE > LONG_RATES)]
    longer = [np.full(LONGER * task.steps, one) for one in long_rates] if task.long else []
    long = Grid(task, longer, range(len(longer)), range(LONG_STARTS), 4, PARTS)
    grids = (others, one_cycle, cyclical, probes, *sweeps, short, long)
    # The longest first: none of them is left alone at the end.
    trainings.run(sorted((lane for grid in grids for lane in grid.lanes), key=lambda lane: -len(lane.rates)))
    constant[1:] = np.where(np.isin(np.arange(RATES.size), tried(RATES))[:, None, None], others.reached(), constant[1:])
    windows = probes.losses(PROBE_STEPS).reshape(STARTS, PROBE_RATES.size, -1, PROBE_WINDOW).mean(axis=3)
    # Below the rates that learn nothing has changed; above them nothing is left.
    windows[:, learns[0] / MARGIN > PROBE_RATES] = 1.0 * start[:, :1, None]
    return {
        "start": start,
        "constant": constant,
        "one_cycle": one_cycle.reached(),
        "cyclical": cyclical.reached().reshape(1, len(BASE_DIVISORS), -1, 2),
        "probes": np.clip(windows / start[:, :1, None], 0, 6e4).astype(np.float16),
        "sweeps": np.concatenate([one.losses(SWEEP.size) for one in sweeps], axis=1),
        "short_sweep": short.losses(SHORT_SWEEP.size)[:, 0],
        **({"long": long.reached(), "long_rates": long_rates} if task.long else {}),
    }


@cache
def _batches(task: Task, steps: int, seed: tuple[int, ...]) -> NDArray[np.int32]:
    return batches_of(task, steps, list(seed))


def rounded(values: NDArray[Any]) -> NDArray[Any]:
    """Losses to one part in 30,000, which compress to half their size."""
    if values.dtype not in (np.float32, np.float64):
        return values
    values = values.astype(np.float32)
    bits = values.view(np.uint32)
    return np.where(np.isfinite(values), (bits + np.uint32(256)) & np.uint32(0xFFFFFE00), bits).view(np.float32)


def record(name: str) -> str:
    """Records a task; says how long that took."""
    task, began = TASKS[name], time.perf_counter()
    weights = [starting_weights(task, seed) for seed in range(STARTS)]
    recorded = {
        f"{optimizer}/{key}": rounded(values)
        for optimizer in optimizers_of(task)
        for key, values in record_case(task, optimizer, weights).items()
    }
    path = path_of(name)
    path.parent.mkdir(exist_ok=True)
    with path.with_suffix(".part").open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **_facts(task), **recorded)
    path.with_suffix(".part").rename(path)
    return f"{name}: {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1024:.0f} kB"


def _facts(task: Task) -> Arrays:
    """What is kept of a task, so that its file can be read without it."""
    facts = {
        "family": next(family for family, tasks in FAMILIES.items() if task in tasks),
        "optimizers": optimizers_of(task),
        "batches_per_epoch": task.count // task.batch_size,
        "steps": task.steps,
    }
    return {name: np.array(value) for name, value in facts.items()}


def _by_turns() -> list[str]:
    """All tasks, one of each family after the other, first of those that are designed on."""
    kinds = sorted(FAMILIES, key=lambda family: family not in DESIGN_FAMILIES)
    halves = kinds[: len(DESIGN_FAMILIES)], kinds[len(DESIGN_FAMILIES) :]
    turns = (tasks for half in halves for tasks in zip_longest(*(FAMILIES[family] for family in half)))
    return [task.name for tasks in turns for task in tasks if task]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    wanted = options.tasks or [name for name in _by_turns() if not path_of(name).exists()]
    # Each task in a process of its own: what is compiled for one is of no use to another, and takes memory.
    with get_context("spawn").Pool(options.processes, maxtasksperchild=1) as pool:
        for done in pool.imap_unordered(record, wanted):
            print(done, flush=True)


if __name__ == "__main__":
    main()
