"""The batches of one step of a range test, all trained with its rate: the mean of their values, the spread of the loss."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_lrfinder.columns import LOSS


class StepBatches:
    """The values of the batches of one step."""

    def __init__(self) -> None:
        self._batches: list[dict[str, float]] = []

    def __len__(self) -> int:
        return len(self._batches)

    def add(self, values: Mapping[str, Any]) -> None:
        """Adds a batch; a loss that is NaN or infinite in one batch is so in the mean."""
        self._batches.append(scalars_of(values))

    @property
    def last(self) -> dict[str, float]:
        """The values of the last batch."""
        return self._batches[-1]

    def mean(self) -> dict[str, float]:
        """Mean of every value over the batches, in the order of the first one; NaN where a batch lacks it."""
        first, *others = self._batches
        if not others:
            return first
        names = dict.fromkeys(name for batch in self._batches for name in batch)
        return {name: sum(batch.get(name, math.nan) for batch in self._batches) / len(self) for name in names}

    def spread(self) -> float | None:
        """Standard deviation of the loss over the batches; NaN where it is not finite, None where they have no loss."""
        if LOSS not in self._batches[0]:
            return None
        losses = [batch[LOSS] for batch in self._batches]
        mean = sum(losses) / len(losses)
        # Not `** 2`, which raises where a product becomes infinite.
        squares = sum((loss - mean) * (loss - mean) for loss in losses)
        return math.sqrt(squares / len(losses)) if math.isfinite(squares) else math.nan


def scalars_of(logs: Mapping[str, Any]) -> dict[str, float]:
    """The logs that are one number each: a metric may well give one per class, and those make no column."""
    return {name: float(value) for name, value in logs.items() if isinstance(value, float) or np.ndim(value) == 0}
