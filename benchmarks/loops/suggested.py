"""What each tool suggests on recorded sweeps, and how much progress that rate loses.

Each tool itself runs its range test, on a training that does nothing but give the losses that benchmarks/recommendation has
recorded at these rates: so smoothing, stop rule and choice are its own, and the truth is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.loops.tools import THEIR_STEPS, Tool, Training, quiet, range_test
from benchmarks.recommendation.cases import Array, Run, load

# The first task by name of each family that our default was not designed on, and of two families the second one.
TASKS = (
    "digits, alike",
    "digits, continued",
    "digits, convolutions",
    "digits, repaired",
    "documents, embedding",
    "eights, focal",
    "new digits, head alone",
    "sums, written out",
    "digits, triplets",
    "houses, continued",
)

Suggest = Callable[[Run], "float | None"]


def replayed(losses: Array, optimizer: str) -> Training:
    """A training whose losses are given, and whose weights stay as they are."""
    model = nn.Linear(1, 1)
    left = iter(losses.tolist())
    # A tool may make a step more than it was told to, and ask for more batches than it uses.
    nothing = torch.zeros(losses.size + 20, 1)
    return Training(
        model,
        torch.optim.SGD(model.parameters(), lr=1e-7),
        lambda outputs, y: 0.0 * outputs.sum() + next(left, losses[-1]),
        DataLoader(TensorDataset(nothing, nothing), batch_size=1),
        called=optimizer,
    )


def ways(peers: Mapping[str, Tool]) -> dict[str, Suggest]:
    """By name: `RangeTest` with its own number of steps and with that of the others, then the others."""
    found: dict[str, Suggest] = {
        "RangeTest": lambda run: range_test(replayed(run.sweeps[0], run.case.optimizer)),
        f"RangeTest, {THEIR_STEPS} steps": lambda run: range_test(_short(run), THEIR_STEPS),
    }
    for name, tool in peers.items():
        found[name] = lambda run, tool=tool: tool(_short(run))
    return found


def _short(run: Run) -> Training:
    return replayed(run.short_sweep, run.case.optimizer)


def lost(suggest: Suggest, runs: Sequence[Run]) -> Array:
    """Progress lost at the rate suggested for each run, shape `[runs]`; all of it where there is none."""
    with quiet():
        return np.array([run.case.constant.lost_at(_usable(suggest(run))) for run in runs])


def _usable(rate: float | None) -> float | None:
    return rate if rate is not None and np.isfinite(rate) else None


def table(peers: Mapping[str, Tool], tasks: Sequence[str] = TASKS) -> list[str]:
    """Mean lost progress per task, over its optimizers and starts, and over all tasks."""
    runs = {task: load([task]) for task in tasks}
    names = ways(peers)
    means = {task: [float(lost(suggest, some).mean()) for suggest in names.values()] for task, some in runs.items()}
    means["mean"] = np.mean(list(means.values()), axis=0).tolist()
    sizes = {task: str(len(some)) for task, some in runs.items()}
    return [
        f"| task | runs | {' | '.join(names)} |",
        f"|---|{'|'.join(['---:'] * (len(names) + 1))}|",
        *(
            f"| {task} | {sizes.get(task, '')} | {' | '.join(f'{value:.3f}' for value in row)} |"
            for task, row in means.items()
        ),
    ]
