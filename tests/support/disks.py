"""A disk that fails when a test says so."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest

from tb_lrfinder.storage import event_file
from tb_lrfinder.storage.file_system import file_system_of

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
READ_ONLY = OSError(errno.EROFS, os.strerror(errno.EROFS))


class Disk:
    """The disk below every event file that is made from now on.

    Attributes:
        error: What each attempt to write meets; None where there is room.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: OSError | None = None) -> None:
        self.error = error
        monkeypatch.setattr(event_file, "file_system_of", lambda path: _FileSystem(self, file_system_of(path)))

    def check(self) -> None:
        if self.error is not None:
            raise self.error


class _Failing:
    """Something that does as another does, unless the disk fails."""

    def __init__(self, disk: Disk, other: Any) -> None:
        self._disk = disk
        self._other = other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._other, name)


class _FileSystem(_Failing):
    def create(self, directory: str, name: str) -> Any:
        self._disk.check()
        return _File(self._disk, self._other.create(directory, name))


class _File(_Failing):
    def write(self, data: Any) -> Any:
        self._disk.check()
        return self._other.write(data)

    def flush(self) -> None:
        self._disk.check()
        self._other.flush()
