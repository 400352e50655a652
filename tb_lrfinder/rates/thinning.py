"""Fewer rows of a long training that draw the same schedule: every corner kept, bounded at any length.

A row is kept when the steps since the last one reach a thousandth of the steps so far, and wherever the learning rate
leaves the straight line through the rows kept. Between two rows the rate then lies on a straight line, within `TOLERANCE`;
jumps and corners are rows themselves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Relative distance of a rate from the straight line between rows.
TOLERANCE = 1e-3
# A row at least whenever this share of the steps so far has gone by.
_SHARE = 1e-3
# A corner within a stretch that ends for its length alone; below it lies the rounding of float32.
_CORNER = 1e-5
# A schedule that turns more often than this is kept by its length alone from there on: the file stays bounded.
_MAX_CORNERS = 30_000

Table = NDArray[np.float64]


class Thinner:
    """Takes the steps of a training in order and gives the rows to keep.

    A table of steps has the columns step, learning rate, loss and any others; a kept row has the loss's mean, minimum and
    maximum over the steps since the row before in place of its loss, and the others as they are at that step.
    """

    def __init__(self) -> None:
        self._held: Table | None = None
        self._anchor: tuple[float, float] | None = None
        self._first_step = 0.0
        self._corners = 0

    def add(self, steps: Table) -> Table:
        """Takes the next steps, shape `[n, columns]`, and returns rows, shape `[m, columns + 2]`, `m` possibly 0."""
        held = steps if self._held is None else np.concatenate([self._held, steps])
        rows = []
        if self._anchor is None and len(held):
            self._first_step = held[0, 0]
            rows.append(self._keep(held[:1]))
            held = held[1:]
        start = 0
        while (end := self._next(held[start:])) is not None:
            rows.append(self._keep(held[start : start + end + 1]))
            start += end + 1
        self._held = held[start:].copy()
        return np.array(rows) if rows else np.empty((0, steps.shape[1] + 2))

    def finish(self) -> Table:
        """The last step as a row, if it is none yet: shape `[0 or 1, columns + 2]`."""
        if self._held is None or not len(self._held):
            return np.empty((0, 0 if self._held is None else self._held.shape[1] + 2))
        held, self._held = self._held, self._held[:0]
        rows = self.add(held)
        rest, self._held = self._held, self._held[:0]
        return np.concatenate([rows, self._keep(rest)[None]]) if len(rest) else rows

    def _next(self, held: Table) -> int | None:
        """Index of the next step to keep, or None when that depends on steps to come."""
        assert self._anchor is not None or not len(held)
        if not len(held) or self._anchor is None:
            return None
        step, rate = self._anchor
        due = np.searchsorted(held[:, 0], step + max(1.0, _SHARE * (step - self._first_step)))
        ahead = held[: due + 1]
        if self._corners < _MAX_CORNERS:
            left = _leaves_line(step, rate, ahead[:, 0], ahead[:, 1])
            if left is not None:
                self._corners += 1
                return _farthest(step, rate, ahead[: left + 1])[0]
        if due >= len(held):
            return None
        corner, distance = _farthest(step, rate, ahead)
        return corner if distance > _CORNER and self._corners < _MAX_CORNERS else int(due)

    def _keep(self, covered: Table) -> Table:
        last = covered[-1]
        self._anchor = float(last[0]), float(last[1])
        losses = covered[:, 2]
        return np.concatenate([last[:2], [losses.mean(), losses.min(), losses.max()], last[3:]])


def _leaves_line(step: float, rate: float, steps: Table, rates: Table) -> int | None:
    """Index of the first point that no straight line from the anchor reaches within the tolerance, with all before it."""
    # Half of it: the line that is drawn ends in the point kept, not where this cone allows it.
    distance, slack = steps - step, TOLERANCE / 2 * np.abs(rates)
    lowest = np.maximum.accumulate((rates - slack - rate) / distance)
    highest = np.minimum.accumulate((rates + slack - rate) / distance)
    missed = np.flatnonzero(lowest > highest)
    return int(missed[0]) if missed.size else None


def _farthest(step: float, rate: float, ahead: Table) -> tuple[int, float]:
    """Index of the point farthest from the line to the last one, and its relative distance; of one point, itself."""
    if len(ahead) == 1:
        return 0, 0.0
    steps, rates = ahead[:-1, 0], ahead[:-1, 1]
    slope = (ahead[-1, 1] - rate) / (ahead[-1, 0] - step)
    gaps = np.abs(rates - rate - slope * (steps - step)) / np.maximum(np.abs(rates), np.finfo(float).tiny)
    index = int(np.argmax(gaps))
    return index, float(gaps[index])
