"""An event file written by a thread of its own, so that training waits neither for checksums nor for disks.

Owns the file's name and the thread; `writer` owns the content of the events. TensorBoard's own writer does the same, but
loads TensorFlow wherever that is installed.
"""

from __future__ import annotations

import itertools
import os
import queue
import secrets
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from tensorboard.compat.proto import event_pb2

from tb_lrfinder.storage.file_system import NewFile, check_log_dir, file_system_of
from tb_lrfinder.storage.records import framed

# Capacity of the queue: a caller that is further ahead waits for the thread.
_QUEUE_SIZE = 10_000
_counter = itertools.count()


class EventFile:
    """A new event file in a log directory.

    An error in the thread is raised by the next call as an `OSError` that names the directory; nothing is written from then
    on.

    Args:
        log_dir: The directory, local or remote; made when missing.
        suffix: End of the file's name.

    Raises:
        ValueError: If `log_dir` is no directory's name, or its file system is not installed.
        OSError: If nothing can be written there.
    """

    def __init__(self, log_dir: str | os.PathLike[str], suffix: str) -> None:
        self._log_dir = check_log_dir(log_dir)
        self._error: Exception | None = None
        self._was_told = False
        self._closed = False
        self._num_flushes = 0
        self._queue: queue.Queue[bytes | _Flush | None] = queue.Queue(_QUEUE_SIZE)
        try:
            self._file: NewFile = file_system_of(self._log_dir).create(self._log_dir, _name(suffix))
        except Exception as error:  # every file system has errors of its own
            raise self._sentence(error) from error
        self._thread = threading.Thread(target=self._run, name="tb_lrfinder event file", daemon=True)
        self._thread.start()
        self._add_version()

    @property
    def seconds(self) -> float:
        """Seconds between two automatic flushes: more for remote files, which are sent whole."""
        return self._file.seconds

    @property
    def is_closed(self) -> bool:
        return self._closed

    def check_open(self) -> None:
        """Raises `RuntimeError` when the file is closed."""
        if self._closed:
            raise RuntimeError(
                f"A trace that is closed takes nothing more: open another one. Received: more for {self._log_dir!r}."
            )

    def add(self, event: event_pb2.Event) -> None:
        """Hands an event to the thread."""
        self._put(event.SerializeToString())

    def flush(self, *, wait: bool = True) -> None:
        """Makes all events so far readable to other processes.

        Args:
            wait: Whether to return only when they are.
        """
        self._num_flushes += 1
        flush = _Flush(self._num_flushes, wait)
        self._put(flush)
        if wait:
            flush.done.wait()
            self._raise()

    def close(self) -> None:
        """Flushes and ends the file; nothing can be added afterwards. Closing twice is harmless.

        Raises:
            OSError: If not all could be written, unless an earlier call has raised it.
        """
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            self._thread.join()
            if not self._was_told:
                self._raise()

    def _add_version(self) -> None:
        source = event_pb2.SourceMetadata(writer=__package__)
        self.add(event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2", source_metadata=source))
        try:
            self.flush()
        except OSError:
            self.close()
            raise

    def _put(self, item: bytes | _Flush) -> None:
        self.check_open()
        self._raise()
        self._queue.put(item)

    def _raise(self) -> None:
        if self._error is not None:
            self._was_told = True
            raise self._sentence(self._error) from self._error

    def _sentence(self, error: Exception) -> OSError:
        if isinstance(error, (FileExistsError, NotADirectoryError)):
            cause = "a file has that name"
        else:
            cause = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return OSError(
            "`log_dir` must be a directory that can be written: name another one, or make room or give rights there. "
            f"Received: {self._log_dir!r}: {cause.rstrip('.')}."
        )

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if isinstance(item, bytes):
                self._try(self._write, item)
                if self._queue.empty():
                    self._try(self._file.settle)
                continue
            # A flush that nobody waits for is skipped when a later one is queued already.
            if item.is_awaited or item.number == self._num_flushes:
                self._try(self._file.flush)
            item.done.set()
        self._try(self._file.flush)
        try:
            self._file.close()
        except Exception as error:
            self._error = self._error or error

    def _write(self, event: bytes) -> None:
        self._file.write(framed(event))

    def _try(self, do: Callable[..., Any], *arguments: Any) -> None:
        """Runs an operation on the file unless an earlier one failed: the queue is drained even then, so no caller hangs."""
        if self._error is None:
            try:
                do(*arguments)
            except Exception as error:
                self._error = error


class _Flush:
    """A queued request to flush."""

    def __init__(self, number: int, is_awaited: bool) -> None:
        self.number = number
        self.is_awaited = is_awaited
        self.done = threading.Event()


def _name(suffix: str) -> str:
    """A name that TensorBoard recognizes, unique across processes, machines and containers.

    TensorBoard reads the files of a directory in the order of their names and never goes back, so a later file needs a
    higher name, within the same second and from another process too.
    """
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    unique = f"{os.getpid()}.{next(_counter):06d}.{secrets.token_hex(3)}"
    return f"events.out.tfevents.{seconds:010d}.{rest:09d}.{socket.gethostname()}.{unique}{suffix}"
