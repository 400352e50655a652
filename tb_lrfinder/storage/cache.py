"""What was read or computed, kept as long as there is room for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

_MAX_BYTES = 256 * 2**20


class Cache:
    """Values by key, each with the version of what it was made from; what was not used for longest goes first.

    TensorBoard serves requests in several threads: every method may be called from any of them, and what is kept must not be
    changed by anybody.

    Args:
        max_bytes: How much all values may take together.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._num_bytes = 0
        self._entries: OrderedDict[Hashable, tuple[Any, Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, version: Any) -> Any:
        """The value that was kept under this key with this version; None when there is none."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry[0] != version:
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def keep(self, key: Hashable, version: Any, value: Any, num_bytes: int) -> None:
        """Keeps a value in place of what was kept under this key before."""
        with self._lock:
            self._num_bytes += num_bytes - self._entries.pop(key, (None, None, 0))[2]
            self._entries[key] = version, value, num_bytes
            while self._num_bytes > self._max_bytes:
                self._num_bytes -= self._entries.popitem(last=False)[1][2]
