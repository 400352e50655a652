"""`StepClock`: which batches of a fit make up a step of a range test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from tb_lrfinder.choices import UpdatesPerLR
from tb_lrfinder.training.backends import BACKEND
from tb_lrfinder.training.optimizers import innermost, rate_holders
from tb_lrfinder.training.swept import Swept


class StepClock:
    """Says how many steps a fit has room for, and when each is over.

    Keras calls its callbacks once for each *execution*, which trains `steps_per_execution` batches. A step is over when its
    updates are made. With `gradient_accumulation_steps`, when loss scaling skips one, and where a train step of its own
    uses an optimizer now and then, there are fewer updates than batches, and the optimizer's own count decides.

    Args:
        model: A compiled model.
        swept: The optimizers that make the updates.
        updates_per_lr: Updates in a step, or `"epoch"`.
    """

    def __init__(self, model: keras.Model, swept: Swept, updates_per_lr: UpdatesPerLR) -> None:
        self._model = model
        self._updates = updates_per_lr
        # The part of a `MultiOptimizer` that makes the fewest updates sets the pace.
        self._paces = [max(rate_holders(optimizer), key=_accumulation) for optimizer in swept.optimizers]
        self._batches_per_update = max(map(_accumulation, self._paces))
        self._batches_per_call: int = model.steps_per_execution
        skips_updates = any(innermost(optimizer) is not optimizer for optimizer in swept.optimizers)
        self._fewer_updates = self._batches_per_update > 1 or skips_updates
        self._counts_updates = self._fewer_updates or not swept.is_models
        self._calls = 0
        self._updates_before = self._count()

    @property
    def batches_per_step(self) -> int:
        """How many batches make a step if no update is skipped; 1 where an epoch is a step."""
        return 1 if isinstance(self._updates, str) else self._updates * self._batches_per_update

    @property
    def one_batch_per_step(self) -> bool:
        return self._updates == 1 and not self._fewer_updates

    def num_steps(self, requested: int | None, params: Mapping[str, Any], first_epoch: int) -> int:
        """The number of steps of the test.

        Args:
            requested: What the user asked for; None takes all there is room for.
            params: Keras' `Callback.params` of the fit.
            first_epoch: Index of its first epoch.

        Raises:
            ValueError: If the fit is too short, or of unknown length with none requested.
        """
        num_epochs = params.get("epochs", 1) - first_epoch
        batches = params.get("steps")
        if isinstance(self._updates, str):
            calls_per_step, calls_per_epoch = 1, 1
        elif batches is None:
            if requested is None:
                raise ValueError(
                    "The length of this fit is not known to Keras, so the sweep cannot be spread over it. Pass `num_steps` "
                    "to LRFinder or `steps_per_epoch` to fit. Received: num_steps=None."
                )
            return requested
        else:
            calls_per_step = self._calls_per_step(self._updates)
            calls_per_epoch = math.ceil(batches / self._batches_per_call)
        if calls_per_epoch == 0:
            raise ValueError("The data must hold at least one batch. Received: none.")
        available = calls_per_epoch * num_epochs // calls_per_step
        if available < max(requested or 0, 2):
            needed = first_epoch + math.ceil(max(requested or 0, 2) * calls_per_step / calls_per_epoch)
            raise ValueError(
                f"The fit is too short for the range test: pass epochs={needed} to fit. "
                f"Received: num_steps={requested}, and a fit of {num_epochs} epochs with room for {available} steps."
            )
        return requested or available

    def count_updates(self) -> None:
        """Ends a step by the count of updates alone, from now on: a call of the train step has made none."""
        self._counts_updates = True

    def begin_step(self) -> None:
        self._calls = 0
        if self._counts_updates:
            self._updates_before = self._count()

    def is_over(self) -> bool:
        """Whether the execution that just ended was the last of its step; with one rate per epoch, Keras tells instead."""
        self._calls += 1
        if isinstance(self._updates, str):
            return False
        if self._counts_updates:
            before = self._updates_before
            return all(now - then >= self._updates for now, then in zip(self._count(), before, strict=True))
        return self._calls >= self._calls_per_step(self._updates)

    def _calls_per_step(self, updates: int) -> int:
        return math.ceil(updates * self._batches_per_update / self._batches_per_call)

    def _count(self) -> list[int]:
        """Updates that each optimizer has applied since it was made."""
        BACKEND.bring_back(self._model)
        return [int(np.asarray(pace.iterations)) for pace in self._paces]


def _accumulation(optimizer: Any) -> int:
    return optimizer.gradient_accumulation_steps or 1
