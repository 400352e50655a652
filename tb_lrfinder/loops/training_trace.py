"""`TrainingTrace`: writes a training into an event file, thinned, so that memory and file stay bounded at any length."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.choices import EndStatus
from tb_lrfinder.columns import EPOCH, LEARNING_RATE, LOSS, STEP, WALL_TIME, Table
from tb_lrfinder.rates.thinning import Thinner, thinned_columns
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.table_writer import TableWriter

# The columns of a step that has all.
STEP_COLUMNS = (STEP, LEARNING_RATE, LOSS, EPOCH, WALL_TIME)
# A training that raised its rate by at least this factor is a range test as well.
_SWEEP_FACTOR = 10.0
# The rate must have risen within this last share of the steps: a warm-up that is long over is no sweep.
_SWEEP_SHARE = 0.25


class TrainingTrace:
    """Takes the steps of a training and writes the rows that matter.

    A disk that fails never ends the training: a warning says so once, the rows are kept, up to 100,000, and written when the
    disk can be written again. After that, a further failure is told again.

    Args:
        log_dir: Directory of the run.
        header: The header to begin with.
        columns: Names of the columns of a step: step and learning rate first, the wall time among them.
        session: Id of the trace; None makes one.

    Raises:
        ValueError: If `log_dir` is no path, or its file system is not installed; if a reader would refuse the header.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        header: schema.Header,
        columns: Sequence[str] = STEP_COLUMNS,
        session: str | None = None,
    ) -> None:
        self._writer = TableWriter(log_dir, header, thinned_columns(columns), may_fail=True, session=session)
        self._is_failing = False
        self._columns = tuple(columns)
        self._thinner = Thinner()
        self._sweep = _SweepWatch()
        self._swept = False
        self._try(self._writer.flush)

    @property
    def session(self) -> str:
        """Id of the trace."""
        return self._writer.session

    def append(self, steps: NDArray[np.float64]) -> None:
        """Adds steps of shape `[n, columns]`."""
        if LOSS in self._columns:
            self._sweep.add(steps[:, 0], steps[:, 1])
        self._write(self._thinner.add(Table(self._columns, steps)))

    def write_rest(self) -> None:
        """Writes what thinning holds back, up to the last step; further ones may follow."""
        self._write(self._thinner.finish())

    def change_header(self, **changes: Any) -> None:
        """Rewrites the header with some of its fields changed."""
        self._try(self._writer.change_header, **changes)

    def close(self, status: EndStatus, text: str) -> None:
        """Writes the remaining rows and how the training ended."""
        self.write_rest()
        self._try(self._writer.close, text, stop_reason=status, status=status)

    def _write(self, rows: Table) -> None:
        if len(rows):
            self._try(self._writer.append_rows, rows.values, rows[WALL_TIME])
        if self._sweep.is_one != self._swept:
            self._swept = self._sweep.is_one
            self.change_header(swept=self._swept)

    def _try(self, write: Callable[..., None], *arguments: Any, **named: Any) -> None:
        """Writes, and warns where that has begun to fail."""
        try:
            write(*arguments, **named)
        except OSError as error:
            if not self._is_failing:
                self._is_failing = True
                warnings.warn(
                    "The training goes on, but cannot be recorded at the moment: "
                    f"what is missing is written as soon as it can. {error}",
                    stacklevel=2,
                )
        else:
            self._is_failing = False


class _SweepWatch:
    """Notices whether the learning rate has risen all along."""

    def __init__(self) -> None:
        self._first_step = self._first_rate = self._last_rate = self._last_step = self._last_rise = -1.0
        self._fell = False

    def add(self, steps: NDArray[np.float64], rates: NDArray[np.float64]) -> None:
        if not rates.size:
            return
        if self._first_step < 0:
            self._first_step, self._first_rate, self._last_rate = float(steps[0]), float(rates[0]), float(rates[0])
        changes = np.diff(rates, prepend=self._last_rate)
        rises = np.flatnonzero(changes > 0)
        self._fell = self._fell or bool((changes < 0).any())
        self._last_rise = float(steps[rises[-1]]) if rises.size else self._last_rise
        self._last_step, self._last_rate = float(steps[-1]), float(rates[-1])

    @property
    def is_one(self) -> bool:
        length = self._last_step - self._first_step
        rising = self._last_step - self._last_rise <= _SWEEP_SHARE * length
        return not self._fell and rising and self._last_rate >= _SWEEP_FACTOR * self._first_rate > 0
