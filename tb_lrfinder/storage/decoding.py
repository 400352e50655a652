"""Decodes what TensorBoard has read of a trace: its header out of one tensor, its rows out of those of its segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.columns import STEP, TRAINING, Table
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.errors import SchemaError
from tb_lrfinder.storage.row_rules import check_rows
from tb_lrfinder.storage.trace import Trace

Tensors = dict[str, NDArray[Any]]
# The rows of a trace, or the error that says why they cannot be read.
Rows = Table | SchemaError


def header_in(tag: str, tensors: Tensors) -> schema.Header | None:
    """The header under a tag; None where there is none.

    Raises:
        SchemaError: If it cannot be read.
    """
    return schema.decode_header(tensors[tag]) if tag in tensors else None


def rows_in(trace: Trace, tensors: Tensors) -> Table:
    """The rows of a trace, read-only.

    Args:
        trace: The trace; of segments that have grown since it was listed, the rows that it counts are taken.
        tensors: The tensors of its segments by tag, as far as they can be read.

    Raises:
        SchemaError: If they cannot be read.
    """
    if trace.header is None:
        raise SchemaError(trace.status_text)
    width = len(trace.columns)
    rows = np.concatenate([np.empty((0, width)), *_segments(trace, tensors)])
    if len(rows) != trace.num_rows:
        raise SchemaError(f"This trace is incomplete: it should have {trace.num_rows} rows, {len(rows)} can be read.")
    table = Table(trace.columns, rows)
    check_rows(trace.header.kind, table)
    table = _without_repeats(table) if trace.header.kind == TRAINING and len(table) else table
    table.values.flags.writeable = False
    return table


def _segments(trace: Trace, tensors: Tensors) -> Iterator[NDArray[np.float64]]:
    """The rows that count of each segment that can be read."""
    width = len(trace.columns)
    for tag, num_rows in zip(trace.row_tags, trace.segment_rows, strict=True):
        if tag not in tensors:
            continue
        segment = tensors[tag]
        if segment.dtype != np.float64 or segment.ndim != 2 or segment.shape[1] != width:
            raise SchemaError(
                f"A segment of this trace is damaged: expected float64 [rows, {width}], "
                f"received {segment.dtype} {list(segment.shape)}."
            )
        yield segment[:num_rows]


def _without_repeats(table: Table) -> Table:
    """The rows that count: where steps were trained again from a saved model, the later ones."""
    steps = table[STEP]
    following = np.minimum.accumulate(np.append(steps[1:], np.inf)[::-1])[::-1]
    return table.take(steps < following)
