"""`TableWriter`: the writer of trainings and plans."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.storage import schema
from tb_lrfinder.storage.row_writer import RowWriter


class TableWriter(RowWriter):
    """Writes the learning rate of a training or of a plan into `log_dir`.

    Args:
        log_dir: As in `TraceWriter`.
        header: Kind, driver, optimizer and the like.
        columns: Names of the columns of the rows, step and learning rate first.
        may_fail: As in `RowWriter`.
        session: As in `RowWriter`.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        header: schema.Header,
        columns: Sequence[str],
        *,
        may_fail: bool = False,
        session: str | None = None,
    ) -> None:
        super().__init__(log_dir, header, may_fail=may_fail, session=session)
        self._content.columns = tuple(columns)

    def append_rows(self, rows: NDArray[np.float64], wall_times: NDArray[np.float64]) -> None:
        """Adds rows of shape `[n, columns]`, written at `wall_times` of shape `[n]`."""
        self._add(zip(wall_times.tolist(), map(tuple, rows.tolist()), strict=True))

    def change_header(self, **changes: Any) -> None:
        """Rewrites the header with some of its fields changed."""
        self._change_header(**changes)
        self._events.flush(wait=False)
        self._events.raise_error()
