"""The container in which columns travel: a JSON directory, and the columns as float64 arrays behind it (http_api.md)."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"LRF1"
_ALIGNMENT = 8


class Container:
    """Entries in the order they are added."""

    def __init__(self) -> None:
        self._directory: list[dict[str, Any]] = []
        self._columns: list[bytes] = []
        self._offset = 0

    def add(self, trace_id: str, columns: Mapping[str, NDArray[np.float64]], **facts: Any) -> None:
        """Adds the columns of a trace, all of one length."""
        entries = []
        for name, column in columns.items():
            entries.append({"name": name, "offset": self._offset})
            self._columns.append(column.astype("<f8").tobytes())
            self._offset += len(self._columns[-1])
        rows = max(map(len, columns.values()), default=0)
        self._directory.append({"id": trace_id, "rows": rows, **facts, "columns": entries})

    def add_error(self, trace_id: str, error: Exception) -> None:
        """Adds, in place of columns, the sentence that says why there are none."""
        self._directory.append({"id": trace_id, "error": str(error)})

    def encode(self) -> bytes:
        text = json.dumps({"traces": self._directory}).encode()
        text += b" " * (-len(text) % _ALIGNMENT)
        return b"".join([_MAGIC, struct.pack("<I", len(text)), text, *self._columns])
