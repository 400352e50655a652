"""Where a learning rate changed, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import numerals
from tb_lrfinder.columns import EPOCH, LEARNING_RATE, STEP, Table

# A jump changes the rate by more than this, from one step to the next, and by so many times more than the changes beside it
# that go the same way, as a factor and as a difference: the ends of a line that comes from 0, or goes there, are no jumps.
_JUMP, _ABOVE_NEIGHBOURS = 0.02, 5.0
# Changes below this between two rows are the rounding of float32.
_FLAT = 1e-5
# Rates so close to the highest one are as high: around the top of a cosine, float32 has one value for many steps.
_TOP = 1e-7
# A rate that has fallen and goes up at once by more than this factor starts anew.
_RESTART = 2.0
# After a warm-up, the rate falls by at most the second share of what it rose in the first share of the warm-up's steps, the
# last ones, in as many steps. 1cycle (Smith 2018), whose sides are three to seven, falls by a fifth; a line down after a
# warm-up of a tenth of the training, by a ninth.
_LAST_PART, _WARM_UP = 1 / 4, 1 / 8
_MOST = 100


@dataclass(frozen=True)
class RateChange:
    """An event in a schedule.

    Attributes:
        step: The first step with the new rate, or the step of the peak.
        text: What happened, as words.
    """

    step: int
    text: str


def rate_changes(table: Table, driver: str | None = None) -> list[RateChange]:
    """The rate changes of a schedule, at most 100, in order of step.

    Args:
        table: The rows of a training or a plan: `step`, increasing, `learning_rate`, not negative, and perhaps `epoch`
            (epochs done after each).
        driver: What set the rate.
    """
    if len(table) < 3:
        return []
    steps, rates = table[STEP], table[LEARNING_RATE]
    changes = np.diff(np.log(np.maximum(rates, np.finfo(float).tiny)))
    jumps = _jumps(np.diff(steps), changes, np.diff(rates))
    trend = np.where(jumps | (np.abs(changes) < _FLAT), 0, np.sign(changes)).astype(int)
    turns = np.flatnonzero((trend[:-1] > 0) & (trend[1:] <= 0) & ~jumps[1:]) + 1
    describer = _Describer(table, driver, jumps, trend)
    found = [describer.jump(index) for index in np.flatnonzero(jumps).tolist()]
    found += [describer.turn(index) for index in turns.tolist()]
    return sorted(found, key=lambda change: change.step)[:_MOST]


def _jumps(
    gaps: NDArray[np.float64], changes: NDArray[np.float64], differences: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which changes, each between two rows, are jumps from one step to the next.

    Args:
        gaps: Steps between the rows.
        changes: Changes of the rate's logarithm.
        differences: Changes of the rate itself.
    """
    pace = np.abs(changes) / gaps
    jumps = (gaps == 1) & (pace > _JUMP) & _stands_out(pace, changes) & _stands_out(np.abs(differences) / gaps, changes)
    # A rise from the first row on begins a warm-up, and so may one to the last row.
    jumps[[0, -1]] &= changes[[0, -1]] < 0
    return jumps


def _stands_out(pace: NDArray[np.float64], changes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which changes are faster by far than those beside them."""
    # A step back up after a steep fall is a jump, however steep the fall was.
    alike = np.sign(changes[:-1]) == np.sign(changes[1:])
    around = np.maximum(np.append(0.0, pace[:-1] * alike), np.append(pace[1:] * alike, 0.0))
    return pace > _ABOVE_NEIGHBOURS * around


class _Describer:
    """Puts the changes of one schedule into words."""

    def __init__(self, table: Table, driver: str | None, jumps: NDArray[np.bool_], trend: NDArray[np.int_]) -> None:
        self._steps, self._rates, self._epochs = table[STEP], table[LEARNING_RATE], table.get(EPOCH)
        self._driver, self._jumps, self._trend = driver, jumps, trend

    def jump(self, index: int) -> RateChange:
        """The rate changed after a row, at once."""
        before, after = self._rates[[index, index + 1]].tolist()
        other = "Drop" if after < before else "Rise"
        has_fallen = before < (1 - _FLAT) * self._rates[: index + 1].max()
        name = "Restart" if has_fallen and after > _RESTART * before else self._driver or other
        place = self._place(index, index + 1)
        return RateChange(
            int(self._steps[index + 1]), f"{name}: {numerals.rate(before)} → {numerals.rate(after)} {place}"
        )

    def turn(self, index: int) -> RateChange:
        """The rate stopped rising at a row."""
        top = self._top(index)
        name = "Warm-up ends" if self._stays(top) else "Peak"
        return RateChange(int(self._steps[top]), f"{name}: {numerals.rate(self._rates[top])} {self._place(top, top)}")

    def _top(self, index: int) -> int:
        """The first of the highest rows from a row on, as long as the rate hardly changes."""
        moves = np.flatnonzero((self._trend[index:] != 0) | self._jumps[index:])
        around = self._rates[index : index + 1 + (int(moves[0]) if moves.size else len(self._trend) - index)]
        return index + int(np.argmax(around >= (1 - _TOP) * around.max()))

    def _stays(self, top: int) -> bool:
        """Whether the rate stays about as high as it has risen, as far as is known."""
        steps, rates = self._steps, self._rates
        before = np.flatnonzero((self._trend[:top] < 0) | self._jumps[:top])
        start = int(before[-1]) + 1 if before.size else 0
        jumps = np.flatnonzero(self._jumps[top:])
        end = top + int(jumps[0]) if jumps.size else len(steps) - 1
        reach = min(_LAST_PART * (steps[top] - steps[start]), steps[end] - steps[top])
        low, high = np.interp([steps[top] - reach, steps[top] + reach], steps, rates).tolist()
        return rates[top] - high <= _WARM_UP * (rates[top] - low)

    def _place(self, done: int, index: int) -> str:
        if self._epochs is None:
            return f"at step {int(self._steps[index])}"
        return f"at epoch {float(self._epochs[done]):.3g}"
