"""The rates that a scheduler of PyTorch is going to set, found without moving it or its optimizer."""

from __future__ import annotations

import copy
import sys
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.loops.frameworks.on_torch import TorchRate


def is_scheduler(thing: Any) -> bool:
    """Whether this is a scheduler of PyTorch, or of somebody who has derived one from it."""
    schedulers = sys.modules.get("torch.optim.lr_scheduler")
    return schedulers is not None and isinstance(thing, (schedulers.LRScheduler, schedulers.ReduceLROnPlateau))


class SchedulerRates:
    """The rates from where a scheduler stands now, step by step.

    A copy of the scheduler is stepped, which sets the rates of a stand-in: an optimizer with the same groups and nothing to
    train. Of several groups, the one whose rate was highest at first is read.

    Args:
        scheduler: The scheduler; it stays as it is, and so does its optimizer.

    Raises:
        ValueError: If it needs a measured value.
    """

    def __init__(self, scheduler: Any) -> None:
        schedulers = sys.modules["torch.optim.lr_scheduler"]
        if any(isinstance(one, schedulers.ReduceLROnPlateau) for one in _with_parts(scheduler)):
            raise ValueError(
                "`schedule` must tell its rates by the step alone: record a training to see what ReduceLROnPlateau makes of "
                f"a measured value. Received: {type(scheduler).__name__}."
            )
        self._optimizer = _stand_in(scheduler.optimizer)
        self._scheduler = copy.deepcopy(scheduler, {id(scheduler.optimizer): self._optimizer})
        self._holder = TorchRate(self._optimizer)
        self._has_begun = False

    def next(self, number: int) -> NDArray[np.float64]:
        """The rates of the next steps, shape `[number]`."""
        with warnings.catch_warnings():
            # PyTorch warns of a scheduler whose optimizer makes no updates.
            warnings.simplefilter("ignore")
            return np.fromiter((self._next() for _ in range(number)), np.float64, number)

    def _next(self) -> float:
        if self._has_begun:
            self._scheduler.step()
        self._has_begun = True
        return self._holder.read()


def _with_parts(scheduler: Any) -> list[Any]:
    """A scheduler, and those it is made of."""
    parts = getattr(scheduler, "_schedulers", ())
    return [scheduler, *(one for part in parts for one in _with_parts(part))]


def _stand_in(optimizer: Any) -> Any:
    """An optimizer whose groups hold the same numbers, copied to the host, and one parameter each."""
    torch = sys.modules["torch"]
    groups = [{**_settings(group), "params": [torch.zeros(())]} for group in optimizer.param_groups]
    stand_in = torch.optim.SGD([torch.zeros(())])
    stand_in.param_groups[:] = groups
    return stand_in


def _settings(group: dict[str, Any]) -> dict[str, Any]:
    """Whatever a group holds beside its parameters. A scheduler writes into a rate that is a tensor."""
    return {
        name: value.detach().to("cpu", copy=True) if hasattr(value, "detach") else copy.copy(value)
        for name, value in group.items()
        if name != "params"
    }
