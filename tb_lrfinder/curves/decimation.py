"""The rows of a trace that are drawn: those with a value in the column, without the ends, one per epoch, thinned."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import arguments
from tb_lrfinder.columns import EPOCH, LEARNING_RATE, LOSS, SMOOTHED, STEP, Table
from tb_lrfinder.curves.smoothing import ema

# The lowest and the highest raw and smoothed value of a single bin.
_FEWEST_POINTS = 4


@dataclass(frozen=True)
class RowSlice:
    """The rows of a trace that a question is about.

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

    def of(self, table: Table, column: str) -> Table:
        """These rows out of all.

        A row in which any column but the loss is NaN is one in which it was not measured.

        Args:
            table: All rows.
            column: Name of the column to look at.
        """
        if column != LOSS:
            table = table.take(~np.isnan(table[column]))
        return table.take(slice(self.skip_start, max(len(table) - self.skip_end, 0)))


@dataclass(frozen=True)
class Resolution:
    """How many points are drawn, and where.

    Args:
        max_points: A curve with more rows is thinned to about so many; None never thins.
        smoothing: Weight of the moving average that is drawn beside the values.
        lower: The learning rate at which the window on a thinned curve begins.
        upper: The learning rate at which it ends.

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


def by_epoch(table: Table) -> Table:
    """The last row of each epoch, its loss the mean over all steps of the epoch.

    Args:
        table: Rows of a training, each of which stands for the steps since the row before; with the columns `step`, `epoch`
            (epochs done, with the fraction) and `loss`.
    """
    if not len(table):
        return table
    step, loss = table[STEP], table[LOSS]
    # The last batch of an epoch ends at a whole number, or a rounding error beside it.
    index = np.ceil(table[EPOCH] - 1e-6)
    covered = np.diff(step, prepend=step[0] - 1)
    last = np.flatnonzero(np.diff(index, append=np.inf) > 0)
    ends = [0, *(last + 1).tolist()]
    with np.errstate(over="ignore", invalid="ignore"):  # a loss that diverged: so has the mean of its epoch
        means = [np.average(loss[start:end], weights=covered[start:end]) for start, end in itertools.pairwise(ends)]
    return table.take(last).with_column(LOSS, np.array(means))


def thin(table: Table, column: str, resolution: Resolution) -> Table | None:
    """The rows to draw of a curve that has more than are wanted.

    Those hold the extremes of the column and of its moving average, bin by bin, within the window, and the nearest point
    beyond each of its ends, so that lines reach the ends.

    Args:
        table: All rows, their positive rates in non-decreasing order.
        column: Name of the column that is drawn; may hold NaN and infinities.
        resolution: What is wanted.

    Returns:
        These rows with one column more, `smoothed`: the average of all values (`smoothing.ema`) there. None when all rows
        are wanted.
    """
    if resolution.max_points is None or len(table) <= resolution.max_points:
        return None
    rates, values = table[LEARNING_RATE], table[column]
    smoothed = ema(values, resolution.smoothing)
    first = int(np.searchsorted(rates, resolution.lower, "left"))
    last = int(np.searchsorted(rates, resolution.upper, "right"))
    inside = first + decimate(rates[first:last], (values[first:last], smoothed[first:last]), resolution.max_points)
    around = [index for index in (first - 1, last) if 0 <= index < values.size]
    kept = np.union1d(inside, np.array(around, np.intp))
    return table.take(kept).with_column(SMOOTHED, smoothed[kept])


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
    # Between rates that hardly differ, an edge may be rounded beyond the last.
    starts = np.unique(np.searchsorted(learning_rates, np.minimum(edges, last)))
    kept = [_lowest(one, starts) for values in series for one in (values, -values)]
    return np.unique(np.concatenate(kept))


def _lowest(values: NDArray[np.float64], starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Index of the lowest finite value of each stretch, the first of several; without any, of its first value."""
    known = np.where(np.isfinite(values), values, np.inf)
    lowest = np.minimum.reduceat(known, starts)
    hits = np.flatnonzero(known == np.repeat(lowest, np.diff(starts, append=known.size)))
    return hits[np.searchsorted(hits, starts)]
