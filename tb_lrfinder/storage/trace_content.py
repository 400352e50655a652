"""The content of a trace's event file: header, rows in segments, scalars. It does not know the file."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2

from tb_lrfinder.columns import LEARNING_RATE, LOSS, REQUIRED_COLUMNS, STEP, Table
from tb_lrfinder.storage import scalar_records, schema
from tb_lrfinder.storage.field_types import fitting
from tb_lrfinder.storage.records import framed

# The last segment is written again with the rows that came meanwhile, until it holds this share of all rows, so that the
# number of tags grows with the logarithm of the length …
_SEGMENT_SHARE = 0.02
# … or was written so often: its rows lie in the file half as often on average, which bounds the size of the file.
_TIMES_WRITTEN = 16
# … or holds so many rows, for which there are fast loops: about a megabyte.
_LONGEST_SEGMENT = 40_000
# Rows that are taken at once: what is older reaches the disk before the rest is encoded.
_MOST_TAKEN = 5_000


class TraceContent:
    """The content of one trace. One thread adds to it, and another one takes what is new.

    Args:
        header: The header to begin with.
        session: Id of the trace; None makes one.

    Attributes:
        session: Id of the trace.
        header: The header.
        columns: Names of the columns, set before the first row is added.
        num_added: Number of rows added so far.
    """

    def __init__(self, header: schema.Header, session: str | None = None) -> None:
        self.session = session or new_session()
        self.header = header
        self.columns: tuple[str, ...] = REQUIRED_COLUMNS
        self.num_added = 0
        self._has_new_header = True
        self._num_headers = 0
        # Thread-safe: one side appends at the right, the other one takes from the left.
        self._waiting: deque[tuple[float, tuple[float, ...]]] = deque()
        self._num_taken = 0
        self._segment = np.empty((0, 0))
        self._index = -1
        self._times_written = 0

    @property
    def num_waiting(self) -> int:
        """Number of rows that were added and not taken yet."""
        return len(self._waiting)

    @property
    def growth(self) -> float:
        """The share that the rows waiting have of those taken."""
        return len(self._waiting) / max(self._num_taken, 1)

    @property
    def num_segments(self) -> int:
        """Number of segments taken so far."""
        return self._index + 1

    def add(self, rows: Iterable[tuple[float, tuple[float, ...]]]) -> None:
        """Adds rows, each with its wall time."""
        for row in rows:
            self._waiting.append(row)
            self.num_added += 1

    def change_header(self, **changes: Any) -> None:
        """Changes fields of the header. The `stop_text`, which may quote an exception of any program, is made to fit.

        Raises:
            ValueError: If a reader would refuse it; it stays as it was.
        """
        if isinstance(changes.get("stop_text"), str):
            changes["stop_text"] = fitting(changes["stop_text"])
        header = replace(self.header, **changes)
        schema.check_header(header)
        self.header = header
        self._has_new_header = True

    def take(self) -> Iterator[bytes]:
        """The records of all that is new now, in pieces. A header that tells the end comes last, any other one first."""
        is_over = self.header.status != "running"
        if not is_over:
            yield self._take_header()
        num_rows = len(self._waiting)
        for start in range(0, num_rows, _MOST_TAKEN):
            yield self._take_rows(min(num_rows - start, _MOST_TAKEN))
        if is_over:
            yield self._take_header()

    def _take_header(self) -> bytes:
        if not self._has_new_header:
            return b""
        self._has_new_header = False
        # Repeated steps under one tag are dropped by one of TensorBoard's two loaders, so each header counts up.
        record = _record(self._num_headers, schema.encode_header(self.session, self.header))
        self._num_headers += 1
        return record

    def _take_rows(self, number: int) -> bytes:
        wall_times, rows = zip(*(self._waiting.popleft() for _ in range(number)), strict=True)
        table = Table(self.columns, np.array(rows, dtype=np.float64))
        return self._segment_with(table) + self._scalars_of(table, np.array(wall_times))

    def _segment_with(self, new: Table) -> bytes:
        """The record of the last segment with new rows, or of the next one with these alone."""
        longest = min(_SEGMENT_SHARE * self._num_taken, _LONGEST_SEGMENT)
        if len(self._segment) >= longest or self._times_written == _TIMES_WRITTEN:
            self._segment, self._times_written = new.values[:0], 0
            self._index += 1
        self._segment = np.concatenate([self._segment, new.values])
        self._times_written += 1
        self._num_taken += len(new)
        table = Table(self.columns, self._segment)
        return _record(self._num_taken, schema.encode_rows(self.session, self._index, table))

    def _scalars_of(self, new: Table, wall_times: NDArray[np.float64]) -> bytes:
        """Rate and loss as scalars for TensorBoard's own tabs; none of probes, which have the same steps in one run."""
        if self.header.probe is not None:
            return b""
        tags = [tag for tag in (LEARNING_RATE, LOSS) if tag in new]
        values = np.column_stack([new[tag] for tag in tags])
        steps = new[STEP].astype(np.int64)
        first = b""
        if self._num_taken == len(new):
            first = scalar_records.first_record(tags, wall_times[0], int(steps[0]), values[0].tolist())
            wall_times, steps, values = wall_times[1:], steps[1:], values[1:]
        return first + scalar_records.records(tags, wall_times, steps, values)


def _record(step: int, value: summary_pb2.Summary.Value) -> bytes:
    event = event_pb2.Event(wall_time=time.time(), step=step, summary=summary_pb2.Summary(value=[value]))
    return framed(event.SerializeToString())


def new_session() -> str:
    """An id for a trace: when it began, and what tells it from others of that second."""
    return time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)
