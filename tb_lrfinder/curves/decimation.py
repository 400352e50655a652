"""Which rows of a trace are drawn: those in which the column was measured, without the ends, one per epoch, thinned."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.columns import EPOCH, LOSS, STEP
from tb_lrfinder.curves.smoothing import ema

# The lowest and the highest raw and smoothed value of a single bin.
_FEWEST_POINTS = 4


@dataclass(frozen=True)
class RowSlice:
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
        if column != LOSS:
            rows = rows[~np.isnan(rows[:, columns.index(column)])]
        return rows[self.skip_start : max(len(rows) - self.skip_end, 0)]


@dataclass(frozen=True)
class Resolution:
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


def by_epoch(rows: NDArray[np.float64], columns: Sequence[str]) -> NDArray[np.float64]:
    """Each epoch's last row, its loss the mean over all steps of the epoch.

    Args:
        rows: Rows of a training, shape `[n, columns]`; each stands for the steps since the row before.
        columns: Their names: `step`, `epoch` (epochs done, with the fraction) and `loss` among them.

    Returns:
        Rows of shape `[epochs, columns]`.
    """
    if not len(rows):
        return rows
    step, epoch, loss = (columns.index(name) for name in (STEP, EPOCH, LOSS))
    # The last batch of an epoch ends at a whole number, or a rounding error beside it.
    index = np.ceil(rows[:, epoch] - 1e-6)
    covered = np.diff(rows[:, step], prepend=rows[0, step] - 1)
    last = np.flatnonzero(np.diff(index, append=np.inf) > 0)
    ends = np.append(0, last + 1)
    reduced = rows[last].copy()
    reduced[:, loss] = [
        np.average(rows[start:end, loss], weights=covered[start:end])
        for start, end in itertools.pairwise(ends.tolist())
    ]
    return reduced


def thin(
    learning_rates: NDArray[np.float64], values: NDArray[np.float64], resolution: Resolution
) -> tuple[NDArray[np.intp], NDArray[np.float64]] | None:
    """Which points to draw of a curve that has more than are wanted.

    Those are the extremes of the values and of their moving average, bin by bin, within the window, and the nearest point
    beyond each of its ends, so that lines reach the ends.

    Args:
        learning_rates: Positive rates in non-decreasing order, shape `[n]`.
        values: The value at each, shape `[n]`; may hold NaN and infinities.
        resolution: What is wanted.

    Returns:
        Indices of the points, sorted, and the average of all values (`smoothing.ema`) there; None when all are wanted.
    """
    if resolution.max_points is None or values.size <= resolution.max_points:
        return None
    smoothed = ema(values, resolution.smoothing)
    first = int(np.searchsorted(learning_rates, resolution.lower, "left"))
    last = int(np.searchsorted(learning_rates, resolution.upper, "right"))
    inside = first + decimate(
        learning_rates[first:last], (values[first:last], smoothed[first:last]), resolution.max_points
    )
    around = [index for index in (first - 1, last) if 0 <= index < values.size]
    kept = np.union1d(inside, np.array(around, np.intp))
    return kept, smoothed[kept]


def decimate(
    learning_rates: NDArray[np.float64], series: Sequence[NDArray[np.float64]], max_points: int
) -> NDArray[np.intp]:
    """Indices of the points that draw one or more series over the same rates, at most `max_points` of them.

    The axis of the logarithm of the learning rate is cut into `max_points // (2 * len(series))` bins of equal width; each
    keeps the lowest and the highest finite value of every series, so that no peak and no valley is lost (the M4 idea of
    Jugel et al. 2014, without the first and last points, which lie inside one pixel of the extremes). A bin without any
    finite value keeps its first point: there the line is broken.

    Args:
        learning_rates: Positive rates in non-decreasing order, shape `[n]`.
        series: Values at each, every one of shape `[n]`; may hold NaN and infinities.
        max_points: At least two for each series.

    Returns:
        Sorted indices, all of them when there are no more than `max_points`.

    Raises:
        ValueError: If `max_points` is too small.
    """
    per_bin = 2 * len(series)
    if max_points < per_bin:
        raise ValueError(f"`max_points` must be at least {per_bin}. Received: max_points={max_points}.")
    if learning_rates.size <= max_points:
        return np.arange(learning_rates.size)
    first, last = learning_rates[[0, -1]].tolist()
    edges = np.geomspace(first, last, max_points // per_bin, endpoint=False)
    starts = np.unique(np.searchsorted(learning_rates, edges))
    kept = [_lowest(one, starts) for values in series for one in (values, -values)]
    return np.unique(np.concatenate(kept))


def _lowest(values: NDArray[np.float64], starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Index of the lowest finite value of each stretch, the first of several; without any, of its first value."""
    known = np.where(np.isfinite(values), values, np.inf)
    lowest = np.minimum.reduceat(known, starts)
    hits = np.flatnonzero(known == np.repeat(lowest, np.diff(starts, append=known.size)))
    return hits[np.searchsorted(hits, starts)]
