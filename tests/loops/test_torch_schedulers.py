"""The rates of PyTorch's schedulers, found beforehand: bit for bit those of a training, and nothing is moved for it."""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tb_lrfinder.loops.frameworks.torch_schedulers import SchedulerRates, is_scheduler

torch = pytest.importorskip("torch")
schedulers = torch.optim.lr_scheduler

STEPS = 60


class OwnScheduler(schedulers.LRScheduler):
    """One of somebody's own, with a state of its own."""

    def __init__(self, optimizer: Any, drops: list[int]) -> None:
        self.drops = drops
        super().__init__(optimizer)

    def get_lr(self) -> list[Any]:
        factor = 0.5 if self.drops and self.last_epoch == self.drops[0] else 1.0
        if factor < 1.0:
            self.drops.pop(0)
        return [group["lr"] * factor for group in self.optimizer.param_groups]


class Ramp:
    """A function of the step that is an object."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, step: int) -> float:
        self.calls += 1
        return step / 10


def sequential(optimizer: Any) -> Any:
    warm_up = schedulers.LinearLR(optimizer, 0.01, total_iters=10)
    parts = [warm_up, schedulers.CosineAnnealingLR(optimizer, 30), schedulers.ExponentialLR(optimizer, 0.9)]
    return schedulers.SequentialLR(optimizer, parts, [10, 40])


def chained(optimizer: Any) -> Any:
    return schedulers.ChainedScheduler(
        [schedulers.ConstantLR(optimizer, 0.1, 7), schedulers.ExponentialLR(optimizer, 0.95)]
    )


SCHEDULERS: dict[str, Callable[[Any], Any]] = {
    "lambda": lambda one: schedulers.LambdaLR(one, lambda step: 1 / (1 + step)),
    "lambda_from_zero": lambda one: schedulers.LambdaLR(one, Ramp()),
    "multiplicative": lambda one: schedulers.MultiplicativeLR(one, lambda step: 0.97),
    "step": lambda one: schedulers.StepLR(one, 13, 0.3),
    "multi_step": lambda one: schedulers.MultiStepLR(one, [5, 6, 30], 0.3),
    "constant": lambda one: schedulers.ConstantLR(one, 0.2, 9),
    "linear": lambda one: schedulers.LinearLR(one, 0.1, total_iters=31),
    "exponential": lambda one: schedulers.ExponentialLR(one, 0.93),
    "polynomial": lambda one: schedulers.PolynomialLR(one, 50, 2.0),
    "cosine": lambda one: schedulers.CosineAnnealingLR(one, 23, 1e-4),
    "restarts": lambda one: schedulers.CosineAnnealingWarmRestarts(one, 7, 2),
    "one_cycle": lambda one: schedulers.OneCycleLR(one, 0.1, STEPS, three_phase=True),
    "cyclic": lambda one: schedulers.CyclicLR(one, 0.01, 0.1, 8, mode="triangular2"),
    "cyclic_range": lambda one: schedulers.CyclicLR(one, 0.01, 0.1, 8, mode="exp_range", gamma=0.9),
    "swa": lambda one: torch.optim.swa_utils.SWALR(one, 0.3, 20),
    "sequential": sequential,
    "chained": chained,
    "own": lambda one: OwnScheduler(one, [3, 20]),
}


def optimizer_of(kind: str = "SGD", *rates: Any) -> Any:
    groups = [{"params": [torch.ones(2, requires_grad=True)], "lr": rate} for rate in rates or (0.1,)]
    options = {"momentum": 0.9} if kind == "SGD" else {}
    return getattr(torch.optim, kind)(groups, **options)


def trained(optimizer: Any, scheduler: Any, steps: int, group: int = 0) -> list[float]:
    """The rates of the updates of a training."""
    rates = []
    for _ in range(steps):
        optimizer.zero_grad()
        torch.cat([parameter for one in optimizer.param_groups for parameter in one["params"]]).sum().backward()
        optimizer.step()
        rates.append(float(optimizer.param_groups[group]["lr"]))
        scheduler.step()
    return rates


def planned(scheduler: Any, steps: int = STEPS) -> list[float]:
    """The rates as they are found, in bunches of several sizes."""
    rates, sizes = SchedulerRates(scheduler), itertools.cycle([1, 7, 20])
    found: list[float] = []
    while len(found) < steps:
        found += rates.next(min(next(sizes), steps - len(found))).tolist()
    return found


def numbers_of(thing: Any) -> Any:
    """All that a scheduler and its optimizer know, to compare."""
    parts = [numbers_of(part) for part in getattr(thing, "_schedulers", [])]
    known = {name: value for name, value in vars(thing).items() if name not in ("optimizer", "_schedulers")}
    groups = [{**group, "params": len(group["params"])} for group in thing.optimizer.param_groups]
    return copy.deepcopy(str((known, groups, parts)))


@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_rates_are_those_of_a_training_to_the_last_bit(name, kind):
    optimizer = optimizer_of(kind)
    scheduler = SCHEDULERS[name](optimizer)
    before = numbers_of(scheduler)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = planned(scheduler, STEPS - 1)
    assert numbers_of(scheduler) == before
    assert not hasattr(optimizer, "_opt_called")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own, of a sequence of schedulers
        assert found == trained(optimizer, scheduler, STEPS - 1)
    assert len(set(found)) > 1


@pytest.mark.parametrize("name", ["one_cycle", "sequential", "cyclic", "own"])
def test_a_scheduler_in_the_middle_is_planned_from_where_it_stands(name):
    optimizer = optimizer_of()
    scheduler = SCHEDULERS[name](optimizer)
    trained(optimizer, scheduler, 15)
    assert planned(scheduler, 40) == trained(optimizer, scheduler, 40)


def test_of_several_groups_the_one_that_was_highest_at_first_is_read():
    def build() -> tuple[Any, Any]:
        optimizer = optimizer_of("AdamW", 0.01, 0.3, 0.1)
        functions = [lambda step: 1.0, lambda step: 0.5**step, lambda step: min(step / 5, 1)]
        return optimizer, schedulers.LambdaLR(optimizer, functions)

    optimizer, scheduler = build()
    assert planned(scheduler, 20) == trained(optimizer, scheduler, 20, group=1)


def test_a_rate_that_is_a_tensor_stays_as_it_is():
    rate = torch.tensor(0.1)
    optimizer = optimizer_of("AdamW", rate)
    scheduler = schedulers.ExponentialLR(optimizer, 0.9)
    found = planned(scheduler)
    assert optimizer.param_groups[0]["lr"] is rate
    assert float(rate) == float(np.float32(0.1))
    assert found == trained(optimizer, scheduler, STEPS)


def test_what_needs_a_measured_value_is_refused():
    plateau = schedulers.ReduceLROnPlateau(optimizer_of())
    assert is_scheduler(plateau)
    with pytest.raises(ValueError) as caught:
        SchedulerRates(plateau)
    assert str(caught.value) == (
        "`schedule` must tell its rates by the step alone: record a training to see what ReduceLROnPlateau makes of a "
        "measured value. Received: ReduceLROnPlateau."
    )


@pytest.mark.parametrize("thing", [None, 0.1, max, optimizer_of()], ids=["none", "number", "function", "optimizer"])
def test_other_things_are_no_schedulers(thing):
    assert not is_scheduler(thing)
