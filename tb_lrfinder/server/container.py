"""The container in which columns travel: a JSON directory, and the columns as float64 arrays behind it (http_api.md)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_lrfinder.server import json_text

_MAGIC = b"LRF1"
_ALIGNMENT = 8


@dataclass(frozen=True)
class Entry:
    """What a container holds of a trace.

    Attributes:
        rows: The length of every column.
        columns: The columns by name, as little-endian float64.
        facts: What else the directory says.
    """

    rows: int
    columns: Mapping[str, bytes]
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, columns: Mapping[str, NDArray[np.float64]], **facts: Any) -> Entry:
        """An entry with these columns, all of one length."""
        rows = max(map(len, columns.values()), default=0)
        return cls(rows, {name: column.astype("<f8").tobytes() for name, column in columns.items()}, facts)


def encode(entries: Mapping[str, Entry | Exception]) -> bytes:
    """The container with these entries by trace id; in place of one, the error says why there is none."""
    directory: list[dict[str, Any]] = []
    columns: list[bytes] = []
    offset = 0
    for trace_id, entry in entries.items():
        if isinstance(entry, Exception):
            directory.append({"id": trace_id, "error": str(entry)})
            continue
        places = []
        for name, column in entry.columns.items():
            places.append({"name": name, "offset": offset})
            columns.append(column)
            offset += len(column)
        directory.append({"id": trace_id, "rows": entry.rows, **entry.facts, "columns": places})
    text = json_text.encode({"traces": directory}).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([_MAGIC, struct.pack("<I", len(text)), text, *columns])
