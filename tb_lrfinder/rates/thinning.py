"""Fewer rows of a long training that draw the same schedule: every corner kept, bounded at any length.

A row is kept when the steps since the last one reach a thousandth of the steps so far, and wherever the learning rate
leaves the straight line through the rows kept. Between two rows the rate then lies on a straight line, within `TOLERANCE`;
jumps and corners are rows themselves.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import LEARNING_RATE, LOSS, LOSS_MAX, LOSS_MIN, STEP, Table

# Relative distance of a rate from the straight line between rows.
TOLERANCE = 1e-3
# A row at least whenever this share of the steps so far has gone by.
_SHARE = 1e-3
# A corner within a stretch that ends for its length alone; below it lies the rounding of float32.
_CORNER = 1e-5
# A schedule that turns more often than this is kept by its length alone from there on: the file stays bounded.
_MAX_CORNERS = 30_000

_Column = NDArray[np.float64]


class Thinner:
    """Takes the steps of a training in order and gives the rows to keep.

    The steps have the columns `step` and `learning_rate` and any others. A kept row has them as they are at its step, except
    for the `loss`, where there is one: in its place stand its mean, minimum and maximum over the steps since the row before
    (`loss`, `loss_min`, `loss_max`).
    """

    def __init__(self) -> None:
        self._held: Table | None = None
        self._anchor: tuple[float, float] | None = None
        self._first_step = 0.0
        self._corners = 0

    def add(self, steps: Table) -> Table:
        """Takes the next steps and returns rows, possibly none."""
        held = steps if self._held is None else self._held.followed_by(steps)
        rows = []
        if self._anchor is None and len(held):
            self._first_step = float(held[STEP][0])
            rows.append(self._keep(held.take(slice(0, 1))))
            held = held.take(slice(1, None))
        start = 0
        while (end := self._next(held.take(slice(start, None)))) is not None:
            rows.append(self._keep(held.take(slice(start, start + end + 1))))
            start += end + 1
        self._held = Table(held.columns, held.values[start:].copy())
        columns = thinned_columns(steps.columns)
        return Table(columns, np.array(rows) if rows else np.empty((0, len(columns))))

    def finish(self) -> Table:
        """The last step as a row, if it is none yet."""
        if self._held is None:
            return Table.of({})
        held, self._held = self._held, self._held.take(slice(0))
        rows = self.add(held)
        rest, self._held = self._held, self._held.take(slice(0))
        return rows.followed_by(Table(rows.columns, self._keep(rest)[None])) if len(rest) else rows

    def _next(self, held: Table) -> int | None:
        """Index of the next step to keep, or None when that depends on steps to come."""
        assert self._anchor is not None or not len(held)
        if not len(held) or self._anchor is None:
            return None
        step, rate = self._anchor
        steps, rates = held[STEP], held[LEARNING_RATE]
        due = int(np.searchsorted(steps, step + max(1.0, _SHARE * (step - self._first_step))))
        steps, rates = steps[: due + 1], rates[: due + 1]
        if self._corners < _MAX_CORNERS:
            left = _leaves_line(step, rate, steps, rates)
            if left is not None:
                self._corners += 1
                return _farthest(step, rate, steps[: left + 1], rates[: left + 1])[0]
        if due >= len(held):
            return None
        corner, distance = _farthest(step, rate, steps, rates)
        return corner if distance > _CORNER and self._corners < _MAX_CORNERS else due

    def _keep(self, covered: Table) -> _Column:
        """The row that stands for some steps, shape `[columns]`."""
        self._anchor = float(covered[STEP][-1]), float(covered[LEARNING_RATE][-1])
        losses = covered.get(LOSS)
        if losses is None:
            return covered.values[-1]
        place = covered.columns.index(LOSS)
        return np.concatenate(
            [covered.values[-1, :place], [losses.mean(), losses.min(), losses.max()], covered.values[-1, place + 1 :]]
        )


def thinned_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """The columns of the rows that are kept of steps with these columns."""
    thinned = ((LOSS, LOSS_MIN, LOSS_MAX) if name == LOSS else (name,) for name in columns)
    return tuple(itertools.chain.from_iterable(thinned))


def _leaves_line(step: float, rate: float, steps: _Column, rates: _Column) -> int | None:
    """Index of the first point that no straight line from the anchor reaches within the tolerance, with all before it."""
    # Half of it: the line that is drawn ends in the point kept, not where this cone allows it.
    distance, slack = steps - step, TOLERANCE / 2 * np.abs(rates)
    lowest = np.maximum.accumulate((rates - slack - rate) / distance)
    highest = np.minimum.accumulate((rates + slack - rate) / distance)
    missed = np.flatnonzero(lowest > highest)
    return int(missed[0]) if missed.size else None


def _farthest(step: float, rate: float, steps: _Column, rates: _Column) -> tuple[int, float]:
    """Index of the point farthest from the line to the last one, and its relative distance; 0 and 0 for a single point."""
    if steps.size == 1:
        return 0, 0.0
    slope = (rates[-1] - rate) / (steps[-1] - step)
    steps, rates = steps[:-1], rates[:-1]
    gaps = np.abs(rates - rate - slope * (steps - step)) / np.maximum(np.abs(rates), np.finfo(float).tiny)
    index = int(np.argmax(gaps))
    return index, float(gaps[index])
