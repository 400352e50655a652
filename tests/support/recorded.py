"""What lies in a log directory, read as TensorBoard reads it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tensorboard.context import RequestContext

from tb_lrfinder.columns import Table
from tb_lrfinder.storage.reader import TraceReader
from tb_lrfinder.storage.schema import Header
from tb_lrfinder.storage.trace import Trace
from tests.support.loaders import python_loader


def reader_of(log_dir: Path) -> TraceReader:
    """A reader of all that lies in a directory now."""
    return TraceReader(python_loader(log_dir), RequestContext(), experiment_id="")


def headers_in(log_dir: Path) -> list[Header]:
    """The headers in a directory, those that can be read, in the order of their runs."""
    return [trace.header for trace in recorded(log_dir)[0] if trace.header is not None]


def recorded(log_dir: Path) -> tuple[list[Trace], list[dict[str, np.ndarray]]]:
    """All traces of a directory, and their columns."""
    reader = reader_of(log_dir)
    traces = list(reader.traces())
    rows = reader.rows(traces)
    tables = []
    for trace in traces:
        table = rows[trace.id]
        assert isinstance(table, Table), table
        tables.append(table.by_name())
    return traces, tables
