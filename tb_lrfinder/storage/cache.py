"""An in-memory cache of what was read or computed, of bounded size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

_MAX_BYTES = 256 * 2**20


class Cache:
    """An LRU cache whose entries carry the version of what they were computed from.

    All methods are thread-safe, because TensorBoard serves requests in several threads. Cached values must not be changed.

    Args:
        max_bytes: Bound on the size of all values together.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._num_bytes = 0
        self._entries: OrderedDict[Hashable, tuple[Any, Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, version: Any) -> Any:
        """The value cached under this key with this version, or None."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry[0] != version:
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def keep(self, key: Hashable, version: Any, value: Any, num_bytes: int) -> None:
        """Caches a value in place of the key's former one, and drops the least recently used ones where room is needed."""
        with self._lock:
            self._num_bytes += num_bytes - self._entries.pop(key, (None, None, 0))[2]
            self._entries[key] = version, value, num_bytes
            while self._num_bytes > self._max_bytes:
                self._num_bytes -= self._entries.popitem(last=False)[1][2]
