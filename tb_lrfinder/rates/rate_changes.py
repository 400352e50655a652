"""Where a learning rate changed, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder import numerals
from tb_lrfinder.columns import EPOCH, LEARNING_RATE, STEP, Table

# A jump changes the rate by more than this, from one step to the next, and by so many times more than the changes beside it
# that go the same way.
_JUMP, _ABOVE_NEIGHBOURS = 0.02, 5.0
# Changes below this between two rows are the rounding of float32.
_FLAT = 1e-5
# A rate that goes up at once by more than this factor starts anew.
_RESTART = 2.0
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
    jumps = _jumps(np.diff(steps), changes)
    # A warm-up may begin at 0, from where the first step is a rise by any factor.
    jumps[0] &= rates[0] > 0
    describer = _Describer(steps, rates, table.get(EPOCH), driver)
    found = [describer.jump(index) for index in np.flatnonzero(jumps).tolist()]
    trend = np.where(jumps | (np.abs(changes) < _FLAT), 0, np.sign(changes)).astype(int)
    turns = np.flatnonzero((trend[:-1] > 0) & (trend[1:] <= 0) & ~jumps[1:]) + 1
    found += [describer.turn(index, flat=trend[index] == 0, first=index == turns[0]) for index in turns.tolist()]
    return sorted(found, key=lambda change: change.step)[:_MOST]


def _jumps(gaps: NDArray[np.float64], changes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which changes, each between two rows, are jumps from one step to the next."""
    pace = np.abs(changes) / gaps
    # A step back up after a steep fall is a jump, however steep the fall was.
    alike = np.sign(changes[:-1]) == np.sign(changes[1:])
    around = np.maximum(np.append(0.0, pace[:-1] * alike), np.append(pace[1:] * alike, 0.0))
    return (gaps == 1) & (pace > _JUMP) & (pace > _ABOVE_NEIGHBOURS * around)


class _Describer:
    """Puts the changes of one schedule into words."""

    def __init__(
        self,
        steps: NDArray[np.float64],
        rates: NDArray[np.float64],
        epochs: NDArray[np.float64] | None,
        driver: str | None,
    ) -> None:
        self._steps, self._rates, self._epochs, self._driver = steps, rates, epochs, driver

    def jump(self, index: int) -> RateChange:
        """The rate changed after a row, at once."""
        before, after = self._rates[[index, index + 1]].tolist()
        other = "Drop" if after < before else "Rise"
        name = "Restart" if after > _RESTART * before else self._driver or other
        place = self._place(index, index + 1)
        return RateChange(
            int(self._steps[index + 1]), f"{name}: {numerals.rate(before)} → {numerals.rate(after)} {place}"
        )

    def turn(self, index: int, *, flat: bool, first: bool) -> RateChange:
        """The rate stopped rising at a row."""
        name = "Warm-up ends" if flat and first else "Peak"
        text = f"{name}: {numerals.rate(self._rates[index])} {self._place(index, index)}"
        return RateChange(int(self._steps[index]), text)

    def _place(self, done: int, index: int) -> str:
        if self._epochs is None:
            return f"at step {int(self._steps[index])}"
        return f"at epoch {float(self._epochs[done]):.3g}"
