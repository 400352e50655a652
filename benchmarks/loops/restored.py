"""What is bit for bit as it was after a range test, and what is not."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.loops.tools import THEIR_STEPS, Tool, Training, quiet

_BATCH_SIZE = 8


class BrokenStep(Exception):
    """What the training raises in the middle of a test."""


def training(*, with_scheduler: bool = False, fails_at: int | None = None) -> Training:
    """A training under way: moved statistics, momenta, gradients, a part in evaluation mode, random numbers of all kinds."""
    random.seed(1)
    np.random.seed(2)
    torch.manual_seed(3)
    frozen = nn.BatchNorm1d(16)
    model = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), frozen, nn.Linear(16, 3))
    frozen.eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.5) if with_scheduler else None
    inputs, labels = torch.randn(_BATCH_SIZE * (THEIR_STEPS + 20), 4), torch.randint(0, 3, (_BATCH_SIZE * 120,))
    loader = DataLoader(TensorDataset(inputs, labels), batch_size=_BATCH_SIZE, shuffle=True)
    calls = 0

    def loss_of(outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise BrokenStep
        # As an augmentation draws them.
        return nn.functional.cross_entropy(outputs * (1 + 0.01 * random.random() * np.random.rand()), y)

    made = Training(model, optimizer, loss_of, loader, scheduler)
    for _, (x, y) in zip(range(5), loader, strict=False):
        made.step(x, y)
        if scheduler is not None:
            scheduler.step()
    return made


def _states_of(made: Training) -> dict[str, Any]:
    """By what a reader calls it, a copy of each part of the state."""
    parameters = list(made.model.parameters())
    return copy.deepcopy(
        {
            "parameters": [one.detach() for one in parameters],
            "buffers (statistics of BatchNorm)": list(made.model.buffers()),
            "state of the optimizer": [dict(made.optimizer.state[one]) for one in parameters],
            "learning rate": [group["lr"] for group in made.optimizer.param_groups],
            "gradients": [one.grad for one in parameters],
            "training mode of each part": [part.training for part in made.model.modules()],
            "random numbers of Python": random.getstate(),
            "random numbers of NumPy": np.random.get_state(),
            "random numbers of PyTorch": torch.get_rng_state(),
        }
    )


def _next_rates(made: Training) -> list[float]:
    """The state and the following rates of the scheduler."""
    rates = [made.scheduler.last_epoch]
    for _ in range(12):
        made.optimizer.step()
        made.scheduler.step()
        rates.append(made.optimizer.param_groups[0]["lr"])
    return rates


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, (torch.Tensor, np.ndarray)):
        return type(one) is type(other) and one.shape == other.shape and bool((one == other).all())
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def compare(tool: Tool) -> dict[str, str]:
    """What a tool restores: "yes", "no", or "refused", by part."""
    made = training()
    before = _states_of(made)
    with quiet():
        tool(made)
    told = _told(before, _states_of(made))
    failing = training(fails_at=30)
    before = _states_of(failing)
    try:
        with quiet():
            tool(failing)
    except BrokenStep:
        pass
    after_error = _states_of(failing)
    told["parameters, after an error in the loop"] = _told(before, after_error)["parameters"]
    told["all of these, after an error in the loop"] = (
        "yes" if set(_told(before, after_error).values()) == {"yes"} else "no"
    )
    told["what a scheduler does next"] = _scheduled(tool)
    return told


def _scheduled(tool: Tool) -> str:
    made = training(with_scheduler=True)
    try:
        with quiet():
            tool(made)
    except RuntimeError:
        return "refused"
    return "yes" if _next_rates(made) == _next_rates(training(with_scheduler=True)) else "no"


def _told(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    return {name: "yes" if _same(state, after[name]) else "no" for name, state in before.items()}


def table(tools: Mapping[str, Tool]) -> list[str]:
    found = {name: compare(tool) for name, tool in tools.items()}
    rows = next(iter(found.values()))
    return [
        f"| | {' | '.join(found)} |",
        f"|---|{'|'.join([':---:'] * len(found))}|",
        *(f"| {row} | {' | '.join(told[row] for told in found.values())} |" for row in rows),
    ]
