"""Writes a trace into an event file, as `schema` lays it out. Needs neither TensorFlow nor Keras."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_lrfinder import schema

# A segment goes out when it is at least this old and at least this share of what is written, so that the number of tags
# grows with the logarithm of the length.
_SEGMENT_SECONDS = 1.0
_SEGMENT_SHARE = 0.02
# Records waiting for the writing thread; the default of 10 would block the training on every segment.
_QUEUE_SIZE = 10_000


class TraceWriter:
    """One trace on its way into `log_dir`.

    Every `log_dir` becomes a run of TensorBoard; several traces may be written into one directory, one after the other.
    Beside the trace, the columns named in `scalars` go out as ordinary float32 scalars for the Scalars tab.

    Args:
        log_dir: Directory of the run; made when missing. Do not use one that another process is writing to.
        header: What is known of the trace at its start.
        columns: Names of the columns; the first is `"step"`.
        scalars: Names of the columns to write as scalars too.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        header: schema.Header,
        columns: Sequence[str],
        scalars: Sequence[str] = (),
    ) -> None:
        self.session = time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)
        self._columns = tuple(columns)
        self._header = replace(header, host=socket.gethostname(), pid=os.getpid())
        self._num_headers = 0
        self._num_segments = 0
        self._num_rows = 0
        self._pending: list[tuple[float, Sequence[float]]] = []
        self._scalars = [(self._columns.index(name), name) for name in scalars]
        self._events = EventFileWriter(os.fspath(log_dir), _QUEUE_SIZE, filename_suffix=f".{schema.PLUGIN_NAME}")
        self._write_header()
        self._events.flush()
        self._flushed_at = time.monotonic()

    def append(self, row: Sequence[float]) -> None:
        """Adds one row, a value for each column. It reaches the disk with its segment."""
        self._pending.append((time.time(), row))
        if (
            len(self._pending) >= _SEGMENT_SHARE * self._num_rows
            and time.monotonic() - self._flushed_at >= _SEGMENT_SECONDS
        ):
            self.flush()

    def flush(self) -> None:
        """Writes all rows added so far to disk."""
        if self._pending:
            rows = np.array([row for _, row in self._pending], dtype=np.float64)
            self._num_rows += len(rows)
            value = schema.encode_rows(self.session, self._columns, self._num_segments, rows)
            self._num_segments += 1
            self._write(time.time(), self._num_rows, value)
            self._write_scalars()
            self._pending.clear()
        self._events.flush()
        self._flushed_at = time.monotonic()

    def close(self, **changes: Any) -> None:
        """Writes what is left and a last header with `changes` (fields of `Header`); nothing can be added afterwards."""
        self._header = replace(self._header, **changes)
        self.flush()
        self._write_header()
        self._events.close()

    def _write_header(self) -> None:
        # Repeated steps under one tag are dropped by one of TensorBoard's two loaders, so each header counts up.
        value = schema.encode_header(self.session, self._columns, self._header)
        self._write(time.time(), self._num_headers, value)
        self._num_headers += 1

    def _write_scalars(self) -> None:
        step_column = self._columns.index("step")
        for wall_time, row in self._pending:
            values = [summary_pb2.Summary.Value(tag=name, simple_value=row[index]) for index, name in self._scalars]
            if self._num_segments == 1:
                for value in values:
                    value.metadata.CopyFrom(_SCALAR_METADATA)
            if values:
                self._write(wall_time, int(row[step_column]), *values)

    def _write(self, wall_time: float, step: int, *values: summary_pb2.Summary.Value) -> None:
        event = event_pb2.Event(wall_time=wall_time, step=step, summary=summary_pb2.Summary(value=values))
        self._events.add_event(event)


_SCALAR_METADATA = scalar_metadata.create_summary_metadata(display_name="", description="")
_SCALAR_METADATA.data_class = summary_pb2.DATA_CLASS_SCALAR
