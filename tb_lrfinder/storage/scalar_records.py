"""The records of scalars, many rows at once: rate and loss for TensorBoard's own tabs.

A row takes a microsecond this way; message by message it takes twenty, and a fast loop would leave its rows behind.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar import metadata

from tb_lrfinder.storage.checksum import masked_each
from tb_lrfinder.storage.records import framed

_METADATA = metadata.create_summary_metadata(display_name="", description="")
_METADATA.data_class = summary_pb2.DATA_CLASS_SCALAR
# Bits of a number in each of its bytes in an event.
_VARINT_BITS = 7
_Bytes = NDArray[np.uint8]


def first_record(tags: Sequence[str], wall_time: float, step: int, values: Sequence[float]) -> bytes:
    """The record of the first row, which tells TensorBoard that the tags are scalars."""
    summary = summary_pb2.Summary(
        value=[
            summary_pb2.Summary.Value(tag=tag, simple_value=value, metadata=_METADATA)
            for tag, value in zip(tags, values, strict=True)
        ]
    )
    return framed(event_pb2.Event(wall_time=wall_time, step=step, summary=summary).SerializeToString())


def records(
    tags: Sequence[str], wall_times: NDArray[np.float64], steps: NDArray[np.int64], values: NDArray[np.float64]
) -> bytes:
    """The records of further rows, each an event with one value for every tag.

    Args:
        tags: Names of the scalars.
        wall_times: Seconds since the epoch, shape `[rows]`.
        steps: Shape `[rows]`; not negative, not falling.
        values: Shape `[rows, tags]`.
    """
    sizes = np.searchsorted(1 << (_VARINT_BITS * np.arange(1, 9, dtype=np.int64)), steps, "right") + 1
    return b"".join(
        _records_of_a_size(tags, wall_times[chosen], steps[chosen], values[chosen], int(size))
        for size in np.unique(sizes)
        for chosen in [sizes == size]
    )


def _records_of_a_size(
    tags: Sequence[str],
    wall_times: NDArray[np.float64],
    steps: NDArray[np.int64],
    values: NDArray[np.float64],
    size: int,
) -> bytes:
    """The records of rows whose steps take the same number of bytes, and so the rows as well."""
    summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=1.0) for tag in tags])
    # A step of zero would be left out.
    longest = 1 << (_VARINT_BITS * size - 1)
    event = event_pb2.Event(wall_time=1.0, step=longest, summary=summary).SerializeToString()
    rows = np.tile(np.frombuffer(framed(event), np.uint8), (len(steps), 1))
    head = 12  # length and its checksum
    rows[:, head + 1 : head + 9] = _bytes(wall_times, "<f8")
    rows[:, head + 10 : head + 10 + size] = _varints(steps, size)
    end = head + len(event)
    with np.errstate(over="ignore"):  # beyond float32 lies its infinity
        places = [end - len(tail) for tail in _tails(tags)]
        for place, column in zip(places, values.T, strict=True):
            rows[:, place : place + 4] = _bytes(column, "<f4")
    rows[:, end:] = _bytes(masked_each(rows[:, head:end]), "<u4")
    return rows.tobytes()


def _tails(tags: Sequence[str]) -> list[bytes]:
    """The end of an event, from its value on, for each tag."""
    values = [summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=1.0)]) for tag in tags]
    encoded = [value.SerializeToString() for value in values]
    return [one[-4:] + b"".join(encoded[index + 1 :]) for index, one in enumerate(encoded)]


def _varints(numbers: NDArray[np.int64], size: int) -> _Bytes:
    """Numbers of so many bytes as protocol buffers write them, the lowest bits first, shape `[numbers, size]`."""
    digits = (numbers[:, None] >> (_VARINT_BITS * np.arange(size))) & 0x7F
    digits[:, :-1] |= 0x80
    return digits.astype(np.uint8)


def _bytes(values: NDArray[np.generic], kind: str) -> _Bytes:
    return np.ascontiguousarray(values.astype(kind)).view(np.uint8).reshape(len(values), -1)
