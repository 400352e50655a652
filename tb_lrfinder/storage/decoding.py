"""Decodes what TensorBoard has read of a trace: its header out of one tensor, its rows out of those of its segments."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import STEP, TRAINING, Table
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.trace import Trace

Tensors = dict[str, NDArray[Any]]
# The rows of a trace, or the error that says why they cannot be read.
Rows = Table | schema.SchemaError


def header_in(tag: str, tensors: Tensors) -> schema.Header | schema.SchemaError | None:
    try:
        return schema.decode_header(tensors[tag]) if tag in tensors else None
    except schema.SchemaError as error:
        return error


def rows_in(trace: Trace, tensors: Tensors) -> Rows:
    if trace.header is None:
        return schema.SchemaError(trace.status_text)
    segments = [tensors[tag] for tag in trace.row_tags if tag in tensors]
    for segment in segments:
        if segment.dtype != np.float64 or segment.ndim != 2 or segment.shape[1] != len(trace.columns):
            return schema.SchemaError(
                f"A segment of this trace is damaged: expected float64 [rows, {len(trace.columns)}], "
                f"received {segment.dtype} {list(segment.shape)}."
            )
    rows = np.concatenate(segments) if segments else np.empty((0, len(trace.columns)))
    if len(rows) != trace.num_rows:
        return schema.SchemaError(
            f"This trace is incomplete: it should have {trace.num_rows} rows, {len(rows)} can be read."
        )
    table = Table(trace.columns, rows)
    table = _without_repeats(table) if trace.header.kind == TRAINING and len(table) else table
    table.values.flags.writeable = False
    return table


def _without_repeats(table: Table) -> Table:
    """The rows that count: where steps were trained again from a saved model, the later ones."""
    steps = table[STEP]
    following = np.minimum.accumulate(np.append(steps[1:], np.inf)[::-1])[::-1]
    return table.take(steps < following)
