"""What is recorded, and how it is found again. Nothing here needs Keras."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.recommendation.cases import Truth

RECORDS = Path(__file__).parent / "records"
Array = NDArray[np.float64]

# The tasks in the order in which they are recorded, of all families; the last ones take the longest.
TASKS = (
    "documents, embedding",
    "pairs, ranked",
    "many classes",
    "digits, continued",
    "other effects",
    "digits, repaired",
    "digits",
    "energy, raw target",
    "digits, alike",
    "moons, flipped",
    "friedman, residual",
    "one in twenty",
    "houses, continued",
    "series, windows",
    "sine, eight units",
    "digits, autoencoder",
    "ratings, factorised",
    "sums, GRU",
    "digits, attention",
    "digits, batch norm",
)
MOMENTUM = "SGD momentum"
OPTIMIZERS = ("Adam", MOMENTUM)
# Steps of every training, probes included: eight of up to 100 are half of the shorter one, an eighth of the longer one.
BUDGETS = (1600, 6400)
STARTS = 3
# The schedules whose best rate is searched, and that are probed at that rate.
SCHEDULES = ("constant", "1cycle", "cosine")
_EVERY, _FIRST_TWO = tuple(range(8)), (0, 1)
# What follows the probes: by name the rule, the shape, whether the steps of the probes are paid for, and before which
# eighths one is made. The last seven were added when four tasks had been seen.
FOLLOWERS = {
    "suggestion": ("suggestion", "constant", True, _EVERY),
    "middle": ("middle", "constant", True, _EVERY),
    "half the edge": ("half the edge", "constant", True, _EVERY),
    "peak, annealed": ("peak", "annealed", True, _EVERY),
    "middle, annealed": ("middle", "annealed", True, _EVERY),
    "half the edge, annealed": ("half the edge", "annealed", True, _EVERY),
    "suggestion, probes free": ("suggestion", "constant", False, _EVERY),
    "peak, annealed, probes free": ("peak", "annealed", False, _EVERY),
    "steady suggestion": ("steady", "constant", True, _EVERY),
    "steady peak, annealed": ("steady peak", "annealed", True, _EVERY),
    "steady peak, annealed, probes free": ("steady peak", "annealed", False, _EVERY),
    "a tenth of the edge": ("a tenth of the edge", "constant", True, _EVERY),
    "a tenth of the edge, annealed": ("a tenth of the edge", "annealed", True, _EVERY),
    "a tenth of the edge, annealed, probes free": ("a tenth of the edge", "annealed", False, _EVERY),
    "peak, two probes, annealed": ("peak", "annealed", True, _FIRST_TWO),
}
# What one range test at the start suggests: by name of the schedule the rule.
ONE_TEST = {"constant": "suggestion", "1cycle": "peak", "cosine": "peak"}


@dataclass(frozen=True, eq=False)
class Record:
    """All that was recorded of a task with an optimizer and a number of steps.

    Attributes:
        arrays: `start` `[3, 2]`, and with `looks` of shape `[..., 8, 2]`, losses of training and held-out data after each
            eighth: `<schedule>/rates` `[n]`, `<schedule>/looks` `[3, n, 8, 2]`; of the training at `<schedule>/best`
            `<schedule>/swept` `[3, 9, 100]`, and what was read when the probe was made again, when it was three times as
            long, and when the velocity was carried into it, `<schedule>/again`, `<schedule>/long` and, of SGD with momentum,
            `<schedule>/carried` `[3, 9, 4]` (suggestion, lower, upper, edge; NaN without);
            `one_test/looks` `[3 schedules, 3, 8, 2]`, `one_test/levels` `[3 schedules, 3]`; `followers/looks`
            `[15, 3, 8, 2]`, `followers/levels` and `followers/costs` `[15, 3, 8]`.
    """

    task: str
    family: str
    optimizer: str
    steps: int
    arrays: dict[str, Array]

    def truth(self, schedule: str, held_out: bool = False) -> Truth:
        """Progress lost by the highest rate of a schedule."""
        final = final_losses(self.arrays[f"{schedule}/looks"], held_out)
        return Truth.of(self.arrays[f"{schedule}/rates"], self.arrays["start"][:, int(held_out)], final)


def final_losses(looks: Array, held_out: bool = False) -> Array:
    """From looks of shape `[..., 8, 2]` the last loss of the training data, or the lowest one of the held-out data."""
    return np.fmin.reduce(looks[..., 1], axis=-1) if held_out else looks[..., -1, 0]


def path_of(task: str, optimizer: str, steps: int) -> Path:
    name = f"{task}__{optimizer}__{steps}".replace(", ", "__").replace(" ", "_")
    return RECORDS / f"{name}.npz"


def wanted(tasks: Iterable[str] = TASKS) -> Iterator[tuple[str, str, int]]:
    """What is to be recorded."""
    return product(tasks, OPTIMIZERS, BUDGETS)


def load() -> list[Record]:
    """All that was recorded, in order."""
    records = []
    for task, optimizer, steps in wanted():
        path = path_of(task, optimizer, steps)
        if path.exists():
            with np.load(path) as stored:
                arrays = {key: stored[key].astype(np.float64) for key in stored if key != "family"}
                records.append(Record(task, str(stored["family"]), optimizer, steps, arrays))
    return records
