"""The file system of a log directory: Python's own files for a local one, which never loads TensorFlow.

A remote one (`s3://bucket/logs`) is reached through the file systems that TensorBoard brings, boto3's for s3 and all of
fsspec; through TensorFlow's where only that knows the address. Writer and command line both choose it here.
"""

from __future__ import annotations

import errno
import importlib
import importlib.util
import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO, Protocol

from tensorboard.compat.tensorflow_stub.io import gfile as stub

from tb_lrfinder.storage import paths

# Seconds between two writes of a local file, so that a row is there within half a second where the file's thread has to wait
# for a core, too.
_LOCAL_SECONDS = 0.25
# A remote file is sent whole: least seconds between two times, the average rate, and the share by which it grows.
_REMOTE_SECONDS, _REMOTE_BYTES_PER_SECOND, _REMOTE_GROWTH = 5.0, 100_000, 0.02
_BUFFER_SIZE = 1 << 20
_PACKAGES = {
    "s3": "boto3", "gs": "fsspec gcsfs", "gcs": "fsspec gcsfs", "az": "fsspec adlfs", "abfs": "fsspec adlfs",
    "abfss": "fsspec adlfs", "hdfs": "fsspec pyarrow", "sftp": "fsspec paramiko",
}  # fmt: skip


class RemovedError(OSError):
    """The file that is written was removed."""


class NewFile(Protocol):
    """A file that is being written."""

    @property
    def seconds(self) -> float:
        """Least seconds between two writes that nobody asks for."""
        ...

    @property
    def growth(self) -> float:
        """Least share by which the rows must grow for a write that nobody asks for."""
        ...

    def write(self, data: memoryview, /) -> int:
        """Writes from the start of the data, and returns how many bytes."""
        ...

    def flush(self) -> None:
        """Makes all that was written readable to other processes.

        Raises:
            RemovedError: If that cannot be, because the file is gone.
        """
        ...

    def close(self) -> None:
        """Releases the file; what was not flushed may be lost."""
        ...


class FileSystem(Protocol):
    """The operations on a log directory."""

    def create(self, directory: str, name: str) -> NewFile:
        """A new file; the directory is made when missing."""
        ...

    def is_dir(self, path: str) -> bool: ...

    def files(self, directory: str, on_error: Callable[[OSError], None]) -> Iterator[tuple[str, list[str]]]:
        """Every directory below this one, itself included, with the names of its files.

        Args:
            directory: Where to begin.
            on_error: Is told of each directory that cannot be read, which is left out.
        """
        ...

    def open(self, path: str) -> BinaryIO:
        """A file to read.

        Raises:
            OSError: If it cannot be opened, or is none: a pipe would keep its reader waiting.
        """
        ...

    def remove(self, path: str) -> None:
        """Removes a file; a remote one may stay, empty."""
        ...


def check_log_dir(path: Any, name: str = "log_dir") -> str:
    """The expanded path of a log directory that an installed file system can reach.

    Raises:
        ValueError: If it is no path, or its file system is not installed.
    """
    text = paths.expanded(path, name)
    file_system_of(text, name)
    return text


def file_system_of(path: str, name: str = "log_dir") -> FileSystem:
    """The file system that holds this expanded path.

    Raises:
        ValueError: If it is remote, and nothing that is installed knows its address.
    """
    scheme = paths.scheme_of(path)
    if scheme is None:
        return _Local()
    if scheme == "s3" and not path.partition("://")[2].partition("/")[2]:
        raise ValueError(f"`{name}` on s3 must be a directory in a bucket, s3://bucket/directory. Received: {path!r}.")
    if _stub_knows(path):
        return _TensorBoards()
    tensorflow = _tensorflow()
    if tensorflow is not None and scheme in tensorflow.io.gfile.get_registered_schemes():
        return _TensorFlows(tensorflow.io.gfile)
    raise ValueError(
        f"`{name}` must be a local directory, or one whose file system is installed. Received: {path!r}. "
        f"{_remedy(scheme)}"
    )


def _stub_knows(path: str) -> bool:
    try:
        return stub.get_filesystem(path) is not None
    except (ImportError, ValueError):  # fsspec's words for: not installed, and not known
        return False


def _tensorflow() -> Any:
    """The TensorFlow module, whose import takes seconds; None where it is not installed."""
    try:
        return importlib.import_module("tensorflow") if importlib.util.find_spec("tensorflow") else None
    except ImportError:
        return None


def _remedy(scheme: str) -> str:
    if scheme in _PACKAGES:
        return f"For {scheme}:// addresses: `pip install {_PACKAGES[scheme]}`."
    return (
        f"For {scheme}:// addresses, fsspec and the package that it needs for them must be installed, if it knows them; "
        "or write to a local directory, and copy it."
    )


class _Local:
    def create(self, directory: str, name: str) -> NewFile:
        os.makedirs(directory, exist_ok=True)
        return _LocalFile(os.path.join(directory, name))

    def is_dir(self, path: str) -> bool:
        return os.path.isdir(path)

    def files(self, directory: str, on_error: Callable[[OSError], None]) -> Iterator[tuple[str, list[str]]]:
        around = {directory: frozenset([os.path.realpath(directory)])}
        for folder, inner, names in os.walk(directory, onerror=on_error, followlinks=True):
            yield folder, names
            # A link to a directory around it would lead round in circles.
            above = around.pop(folder)
            places = {name: os.path.realpath(os.path.join(folder, name)) for name in inner}
            inner[:] = [name for name in inner if places[name] not in above]
            around |= {os.path.join(folder, name): above | {places[name]} for name in inner}

    def open(self, path: str) -> BinaryIO:
        return open(path, "rb", buffering=_BUFFER_SIZE, opener=_open_file)

    def remove(self, path: str) -> None:
        os.remove(path)


def _open_file(path: str, flags: int) -> int:
    """A descriptor of a regular file; anything else is refused without waiting for who writes into it."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is not a file", path)


class _LocalFile:
    """A local file without a buffer: what was written is readable at once, and outlives the process."""

    seconds, growth = _LOCAL_SECONDS, 0.0

    def __init__(self, path: str) -> None:
        self._file = open(path, "xb", buffering=0)  # noqa: SIM115  (closed with this one)
        self.write, self.close = self._file.write, self._file.close

    def flush(self) -> None:
        if os.fstat(self._file.fileno()).st_nlink == 0:
            raise RemovedError


class _TensorFlows:
    """The file systems of TensorFlow, `gs://` among others."""

    def __init__(self, gfile: Any) -> None:
        self._gfile = gfile

    def create(self, directory: str, name: str) -> NewFile:
        self._gfile.makedirs(directory)
        return _RemoteFile(partial(self._send, f"{directory}/{name}"))

    def is_dir(self, path: str) -> bool:
        return self._gfile.isdir(path)

    def files(self, directory: str, on_error: Callable[[OSError], None]) -> Iterator[tuple[str, list[str]]]:
        for folder, _, names in self._gfile.walk(directory):
            yield folder, list(names)

    def open(self, path: str) -> BinaryIO:
        with self._gfile.GFile(path, "rb") as file:
            return BytesIO(file.read())

    def remove(self, path: str) -> None:
        # Not all of TensorBoard's own can remove.
        self._send(path, b"")

    def _send(self, path: str, content: bytes) -> None:
        with self._gfile.GFile(path, "wb") as file:
            file.write(content)


class _TensorBoards(_TensorFlows):
    """The file systems that TensorBoard brings where TensorFlow is not installed, behind the same interface."""

    def __init__(self) -> None:
        super().__init__(stub)

    def files(self, directory: str, on_error: Callable[[OSError], None]) -> Iterator[tuple[str, list[str]]]:
        if not stub.S3_ENABLED or paths.scheme_of(directory) != "s3":
            yield from super().files(directory, on_error)
            return
        # One request instead of one for each folder and file: s3 knows neither, only names.
        folders: dict[str, list[str]] = {}
        for path in stub.glob(f"{directory}/*"):
            folder, _, name = path.rpartition("/")
            folders.setdefault(folder, []).append(name)
        yield from folders.items()

    def _send(self, path: str, content: bytes) -> None:
        # The interface would append record by record, in some file systems with requests for each.
        stub.get_filesystem(path).write(path, content, binary_mode=True)


class _RemoteFile:
    """A remote object, sent whole with each flush that has something new: object stores cannot append."""

    growth = _REMOTE_GROWTH

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._content = bytearray()
        self._num_sent = 0

    @property
    def seconds(self) -> float:
        return max(_REMOTE_SECONDS, self._num_sent / _REMOTE_BYTES_PER_SECOND)

    def write(self, data: memoryview) -> int:
        self._content += data
        return len(data)

    def flush(self) -> None:
        if len(self._content) > self._num_sent:
            self._send(bytes(self._content))
            self._num_sent = len(self._content)

    def close(self) -> None:
        pass
