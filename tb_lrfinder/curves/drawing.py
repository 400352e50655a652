"""Which rows of a curve are drawn: those in which the column was measured, without the ends, thinned over a window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.curves.decimation import decimate
from tb_lrfinder.curves.smoothing import ema

_LOSS = "loss"
# The lowest and the highest raw and smoothed value of a single bin.
_FEWEST_POINTS = 4


@dataclass(frozen=True)
class Part:
    """The rows that a question is about.

    Args:
        column: Name of the column to look at; None for the monitored one.
        skip_start: How many of the rows in which it was measured are left out at the start.
        skip_end: The same at the end.

    Raises:
        ValueError: If a number of rows is negative.
    """

    column: str | None = None
    skip_start: int = 0
    skip_end: int = 0

    def __post_init__(self) -> None:
        arguments.whole(0, skip_start=self.skip_start, skip_end=self.skip_end)

    def of(self, rows: NDArray[np.float64], columns: Sequence[str], column: str) -> NDArray[np.float64]:
        """These rows out of all.

        Of any column but the loss, a row without a value (NaN) is one in which it was not measured.

        Args:
            rows: All rows, shape `[n, columns]`.
            columns: Their names.
            column: The column to look at, among them.
        """
        if column != _LOSS:
            rows = rows[~np.isnan(rows[:, columns.index(column)])]
        return rows[self.skip_start : max(len(rows) - self.skip_end, 0)]


@dataclass(frozen=True)
class Detail:
    """How many points are drawn, and where.

    Args:
        max_points: A curve with more rows is thinned to about so many; None never thins.
        smoothing: Weight of the moving average that is drawn beside the values.
        lower: Of a thinned curve, where the window on the learning rates begins.
        upper: Where it ends.

    Raises:
        ValueError: If an argument is outside its range.
    """

    max_points: int | None = None
    smoothing: float = 0.0
    lower: float = 0.0
    upper: float = math.inf

    def __post_init__(self) -> None:
        if self.max_points is not None:
            arguments.whole(_FEWEST_POINTS, max_points=self.max_points)
        arguments.number("in [0, 1)", lambda value: 0 <= value < 1, smoothing=self.smoothing)
        if not 0 <= self.lower < self.upper:
            raise ValueError(
                "`lower` must be zero or positive, and below `upper`. "
                f"Received: lower={self.lower}, upper={self.upper}."
            )


def thin(
    learning_rates: NDArray[np.float64], values: NDArray[np.float64], detail: Detail
) -> tuple[NDArray[np.intp], NDArray[np.float64]] | None:
    """Which points to draw of a curve that has more than are wanted.

    Those are the extremes of the values and of their moving average, bin by bin, within the window, and the nearest point
    beyond each of its ends, so that lines reach the ends.

    Args:
        learning_rates: Positive rates in non-decreasing order, shape `[n]`.
        values: The value at each, shape `[n]`; may hold NaN and infinities.
        detail: What is wanted.

    Returns:
        Indices of the points, sorted, and the average of all values (`smoothing.ema`) there; None when all are wanted.
    """
    if detail.max_points is None or values.size <= detail.max_points:
        return None
    smoothed = ema(values, detail.smoothing)
    first = int(np.searchsorted(learning_rates, detail.lower, "left"))
    last = int(np.searchsorted(learning_rates, detail.upper, "right"))
    inside = first + decimate(learning_rates[first:last], (values[first:last], smoothed[first:last]), detail.max_points)
    around = [index for index in (first - 1, last) if 0 <= index < values.size]
    kept = np.union1d(inside, np.array(around, np.intp))
    return kept, smoothed[kept]
