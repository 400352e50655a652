"""An in-memory cache of what was read or computed, of bounded size."""

from __future__ import annotations

import sys
import threading
import types
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, NamedTuple

import numpy as np

_MAX_BYTES = 256 * 2**20
# What an entry takes beside its value: key, version, links.
_ENTRY_BYTES = 500


class Made(NamedTuple):
    """A value that was made for a key.

    Attributes:
        key: The key.
        value: The value.
        num_bytes: About what it takes; None for a value that is not kept, such as an error.
    """

    key: Hashable
    value: Any
    num_bytes: int | None


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
        # What is being made right now: threads that ask for it wait for the first.
        self._under_way: dict[Hashable, tuple[Any, Future[Any]]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, version: Any) -> Any:
        """The value cached under this key with this version, or None."""
        with self._lock:
            return self._known(key, version)

    def keep(self, key: Hashable, version: Any, value: Any, num_bytes: int) -> None:
        """Caches a value in place of the key's former one, and drops the least recently used ones where room is needed."""
        with self._lock:
            self._num_bytes += num_bytes - self._entries.pop(key, (None, None, 0))[2]
            self._entries[key] = version, value, num_bytes
            while self._num_bytes > self._max_bytes:
                self._num_bytes -= self._entries.popitem(last=False)[1][2]

    def fill(
        self, versions: Mapping[Hashable, Any], make: Callable[[list[Hashable]], Iterable[Made]]
    ) -> dict[Hashable, Any]:
        """The value of every key: cached, made by another thread meanwhile, or else made here.

        However many threads ask for a value of one version at once, it is made once.

        Args:
            versions: The wanted version of each key.
            make: Makes the values of the keys it is given, all of them, in any order. It may fill other keys in turn, but
                not in a circle.
        """
        found, awaited, own = self._claimed(versions)
        try:
            if own:
                for key, value, num_bytes in make(list(own)):
                    if num_bytes is not None:
                        self.keep(key, versions[key], value, num_bytes + _ENTRY_BYTES)
                    found[key] = value
                    self._settle(key, own.pop(key)).set_result(value)
        finally:
            # An error of `make` reaches those who wait as well.
            error = sys.exc_info()[1] or RuntimeError("The value was not made.")
            for key, future in own.items():
                self._settle(key, future).set_exception(error)
        return found | {key: future.result() for key, future in awaited.items()}

    def _known(self, key: Hashable, version: Any) -> Any:
        entry = self._entries.get(key)
        if entry is None or entry[0] != version:
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def _claimed(
        self, versions: Mapping[Hashable, Any]
    ) -> tuple[dict[Hashable, Any], dict[Hashable, Future[Any]], dict[Hashable, Future[Any]]]:
        """The wanted values that are cached, those that others are making, and those to make here."""
        found: dict[Hashable, Any] = {}
        awaited: dict[Hashable, Future[Any]] = {}
        own: dict[Hashable, Future[Any]] = {}
        with self._lock:
            for key, version in versions.items():
                value, under_way = self._known(key, version), self._under_way.get(key)
                if value is not None:
                    found[key] = value
                elif under_way is not None and under_way[0] == version:
                    awaited[key] = under_way[1]
                else:
                    own[key] = Future()
                    self._under_way[key] = version, own[key]
        return found, awaited, own

    def _settle(self, key: Hashable, future: Future[Any]) -> Future[Any]:
        """The future of a value that is no longer under way."""
        with self._lock:
            if self._under_way.get(key, (None, None))[1] is future:
                del self._under_way[key]
        return future


def footprint(value: Any) -> int:
    """About how many bytes a value takes in memory, with all that it holds; what it holds twice counts twice."""
    size = sys.getsizeof(value)
    if isinstance(value, (str, bytes, float, int, types.NoneType)):
        return size
    if isinstance(value, np.ndarray):
        return max(size, value.nbytes)  # a view has no values of its own
    if isinstance(value, (tuple, list)):
        return size + sum(map(footprint, value))
    if isinstance(value, dict):
        return size + sum(map(footprint, value)) + sum(map(footprint, value.values()))
    # An object has a dictionary of its attributes, whose names are shared.
    held = getattr(value, "__dict__", {})
    return size + sys.getsizeof(held) + sum(map(footprint, held.values()))
