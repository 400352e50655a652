"""What one step of a range test measured: the mean over the batches trained with its rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_lrfinder.columns import LOSS, LOSS_STD


class MeasuredStep:
    """Collects the logs of the batches of one step."""

    def __init__(self) -> None:
        self._batches: list[dict[str, float]] = []

    def __len__(self) -> int:
        return len(self._batches)

    def add(self, logs: Mapping[str, Any]) -> None:
        self._batches.append(scalars_of(logs))

    def result(self, *, with_spread: bool) -> dict[str, float]:
        """Mean of every value over the batches and, as `loss_std`, the standard deviation of the loss.

        A loss that is NaN or infinite in one batch is so in the mean.
        """
        num_batches = len(self._batches)
        means = {
            name: sum(logs[name] for logs in self._batches) / num_batches if num_batches > 1 else value
            for name, value in self._batches[0].items()
        }
        if with_spread:
            deviations = [logs[LOSS] - means[LOSS] for logs in self._batches]
            # Not `** 2`, which raises where a product becomes infinite.
            squares = sum(deviation * deviation for deviation in deviations)
            means[LOSS_STD] = math.sqrt(squares / num_batches) if math.isfinite(squares) else math.nan
        return means


def scalars_of(logs: Mapping[str, Any]) -> dict[str, float]:
    """The logs that are one number each: a metric may well give one per class, and those make no column."""
    return {name: float(value) for name, value in logs.items() if isinstance(value, float) or np.ndim(value) == 0}
