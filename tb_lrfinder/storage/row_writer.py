"""`RowWriter`, the base of the writers of all kinds of traces: puts rows into an event file, in segments."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar import metadata as scalar_metadata

from tb_lrfinder.choices import EndStatus
from tb_lrfinder.columns import LEARNING_RATE, LOSS, REQUIRED_COLUMNS, STEP, Table
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.event_file import EventFile
from tb_lrfinder.storage.process import this_process

# A segment goes out when its file may be flushed again and it is at least this share of what is written, so that the number
# of tags grows with the logarithm of the length.
_SEGMENT_SHARE = 0.02

_SCALAR_METADATA = scalar_metadata.create_summary_metadata(display_name="", description="")
_SCALAR_METADATA.data_class = summary_pb2.DATA_CLASS_SCALAR


class RowWriter:
    """Writes the rows of one trace into an event file, in segments; base of the writers of all kinds of traces.

    Everything that writes raises `RuntimeError` once the trace is closed.

    Args:
        log_dir: Directory of the run; made when missing. Not one that another process is writing to.
        header: The header to begin with; the process is filled in here.
    """

    def __init__(self, log_dir: str | os.PathLike[str], header: schema.Header) -> None:
        self.session = time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)
        schema.check_header(header)
        self._header = replace(header, process=this_process())
        self._columns: tuple[str, ...] = REQUIRED_COLUMNS
        self._num_headers = 0
        self._num_segments = 0
        self._num_rows = 0
        self._has_scalars = False
        self._pending: list[tuple[float, tuple[float, ...]]] = []
        self._events = EventFile(log_dir, f".{schema.PLUGIN_NAME}")
        self._write_header()
        self._events.flush()
        self._flushed_at = time.monotonic()

    def flush(self) -> None:
        """Makes all rows added so far readable to other processes, and waits until they are."""
        self._end_segment()
        self._events.flush()

    def _end_segment(self) -> None:
        """Hands all rows added so far to the event file."""
        self._flushed_at = time.monotonic()
        if self._pending:
            wall_times, rows = zip(*self._pending, strict=True)
            table = Table(self._columns, np.array(rows, dtype=np.float64))
            self._num_rows += len(table)
            value = schema.encode_rows(self.session, self._num_segments, table)
            self._num_segments += 1
            self._write(time.time(), self._num_rows, value)
            self._write_scalars(table, wall_times)
            self._pending.clear()

    def close(
        self, stop_text: str = "The sweep ended.", *, stop_reason: str = "completed", status: EndStatus = "finished"
    ) -> None:
        """Writes the last rows and why the test ended. Closing twice is harmless.

        Args:
            stop_text: The reason, as a sentence for people.
            stop_reason: The reason, as a word for code.
            status: `"finished"`, or `"interrupted"` when the test did not come to its end.
        """
        if self._events.is_closed:
            return
        try:
            self._end_segment()
            self._change_header(status=status, stop_reason=stop_reason, stop_text=stop_text)
        finally:
            self._events.close()

    def _add(self, rows: Iterable[tuple[float, tuple[float, ...]]]) -> None:
        """Adds rows with their wall times, and writes them when their segment is due."""
        self._events.check_open()
        self._pending.extend(rows)
        if (
            len(self._pending) >= _SEGMENT_SHARE * self._num_rows
            and time.monotonic() - self._flushed_at >= self._events.seconds
        ):
            self._end_segment()
            self._events.flush(wait=False)

    def _change_header(self, **changes: Any) -> None:
        self._header = replace(self._header, **changes)
        self._write_header()

    def _write_header(self) -> None:
        # Repeated steps under one tag are dropped by one of TensorBoard's two loaders, so each header counts up.
        self._write(time.time(), self._num_headers, schema.encode_header(self.session, self._header))
        self._num_headers += 1

    def _write_scalars(self, table: Table, wall_times: Iterable[float]) -> None:
        """Rate and loss as ordinary scalars, for TensorBoard's own tabs."""
        tags = [tag for tag in (LEARNING_RATE, LOSS) if tag in table]
        rows = zip(*(table[tag].tolist() for tag in tags), strict=True)
        for wall_time, step, row in zip(wall_times, table[STEP].tolist(), rows, strict=True):
            values = [
                summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in zip(tags, row, strict=True)
            ]
            if not self._has_scalars:
                for value in values:
                    value.metadata.CopyFrom(_SCALAR_METADATA)
                self._has_scalars = True
            self._write(wall_time, int(step), *values)

    def _write(self, wall_time: float, step: int, *values: Any) -> None:
        event = event_pb2.Event(wall_time=wall_time, step=step, summary=summary_pb2.Summary(value=values))
        self._events.add(event)
