"""An event file written by a thread of its own, so that training waits neither for checksums nor for disks.

Owns the file's name, the thread and what becomes of errors; `trace_content` owns what is written. TensorBoard's own writer
does the same, but loads TensorFlow wherever that is installed, and ends at the first error.
"""

from __future__ import annotations

import itertools
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from typing import Protocol

from tensorboard.compat.proto import event_pb2

from tb_lrfinder.storage.file_system import NewFile, RemovedError, check_log_dir, file_system_of
from tb_lrfinder.storage.records import framed

# Seconds between two tries to create the file.
_RETRY_SECONDS = 0.5
_counter = itertools.count()


class Content(Protocol):
    """What is written into an event file. The file's thread asks for it."""

    @property
    def growth(self) -> float:
        """The share that what is new has of what was taken."""
        ...

    def take(self) -> Iterator[bytes]:
        """The records of all that is new now, in pieces: each is written before the next one is asked for."""
        ...


class EventFile:
    """A new event file in a log directory, which takes what its content has at a regular pace and when asked to.

    What could not be written is kept and tried again at the same pace, the creation of the file as well; until it succeeds,
    nothing further is taken, and `raise_error` tells the reason.

    Args:
        log_dir: The directory, local or remote; made when missing.
        suffix: End of the file's name.
        content: What is written.

    Raises:
        ValueError: If `log_dir` is no directory's name, or its file system is not installed.
    """

    def __init__(self, log_dir: str | os.PathLike[str], suffix: str, content: Content) -> None:
        self._log_dir = check_log_dir(log_dir)
        self._file_system = file_system_of(self._log_dir)
        self._suffix = suffix
        self._content = content
        self._file: NewFile | None = None
        self._unwritten = bytearray()
        self._error: Exception | None = None
        self._pid = os.getpid()
        self._condition = threading.Condition()
        # Flushes asked for so far, how many of them are done, and whether the file ends.
        self._num_asked = self._num_done = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="tb_lrfinder event file", daemon=True)
        self._thread.start()

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def is_inherited(self) -> bool:
        """Whether another process opened the file, of which this one is a copy (`os.fork`): it has no thread here."""
        return os.getpid() != self._pid

    @property
    def keeps_up(self) -> bool:
        """Whether the file can be written at any time: the last try succeeded, and it is not sent whole."""
        return self._error is None and self._file is not None and self._file.growth == 0

    @property
    def is_asked(self) -> bool:
        """Whether a flush or the end was asked for and is not done."""
        return self._is_closed or self._num_asked > self._num_done

    def check_open(self) -> None:
        """Raises `RuntimeError` when the file is closed, or another process opened it."""
        if self._is_closed:
            raise RuntimeError(
                f"A trace that is closed takes nothing more: open another one. Received: more for {self._log_dir!r}."
            )
        if self.is_inherited:
            raise RuntimeError(
                "A trace is written by the process that opened it: open one with another `log_dir` in this process. "
                f"Received: more for {self._log_dir!r} from a fork of that process."
            )

    def raise_error(self) -> None:
        """Raises `OSError`, naming the directory, when the last try to write failed."""
        error = self._error
        if error is not None:
            raise self._sentence(error) from error

    def flush(self, *, wait: bool = True) -> None:
        """Makes all content so far readable to other processes.

        Args:
            wait: Whether to return only when it is.

        Raises:
            RuntimeError: If the file is closed, or another process opened it.
            OSError: If that was waited for, and failed; it is tried again.
        """
        self.check_open()
        with self._condition:
            self._num_asked += 1
            asked = self._num_asked
            self._condition.notify_all()
            if wait:
                self._condition.wait_for(lambda: self._num_done >= asked)
        if wait:
            self.raise_error()

    def close(self) -> None:
        """Flushes and ends the file; nothing can be added afterwards. Closing twice is harmless, and so is a fork's closing.

        Raises:
            OSError: If not all could be written.
        """
        if self.is_inherited:
            return
        was_closed = self._is_closed
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
        # The garbage collector may close any trace in any thread.
        if threading.current_thread() is not self._thread:
            self._thread.join()
            if not was_closed:
                self.raise_error()

    def _run(self) -> None:
        began = time.monotonic()
        self._try_to_write()
        is_last = False
        while not is_last:
            due = began + (self._file.seconds if self._file else _RETRY_SECONDS)
            with self._condition:
                is_asked = self._condition.wait_for(lambda: self.is_asked, max(due - time.monotonic(), 0.0))
                asked, is_last = self._num_asked, self._is_closed
            began = time.monotonic()
            if is_asked or self._is_due():
                self._try_to_write()
            with self._condition:
                self._num_done = asked
                self._condition.notify_all()
        if self._file is not None:
            self._file.close()

    def _is_due(self) -> bool:
        return self._error is not None or self._file is None or self._content.growth >= self._file.growth

    def _try_to_write(self) -> None:
        try:
            self._write()
        except Exception as error:  # every file system has errors of its own
            self._error = error
        else:
            self._error = None

    def _write(self) -> None:
        file = self._file or self._create()
        self._write_to(file)
        for records in self._content.take():
            self._unwritten += records
            self._write_to(file)
        file.flush()

    def _create(self) -> NewFile:
        self._file = file = self._file_system.create(self._log_dir, _name(self._suffix))
        source = event_pb2.SourceMetadata(writer=__package__)
        version = event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2", source_metadata=source)
        self._unwritten += framed(version.SerializeToString())
        return file

    def _write_to(self, file: NewFile) -> None:
        """Writes what waits for it. A full disk may take a part: the next try goes on behind that."""
        while self._unwritten:
            with memoryview(self._unwritten) as waiting:
                num_written = file.write(waiting)
            del self._unwritten[:num_written]

    def _sentence(self, error: Exception) -> OSError:
        if isinstance(error, RemovedError):
            return OSError(
                "`log_dir` must stay while a trace is written into it: open another trace. "
                f"Received: {self._log_dir!r}: its directory was removed, or the file in it."
            )
        if isinstance(error, (FileExistsError, NotADirectoryError)):
            cause = "a file has that name"
        else:
            cause = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return OSError(
            "`log_dir` must be a directory that can be written: name another one, or make room or give rights there. "
            f"Received: {self._log_dir!r}: {cause.rstrip('.')}."
        )


def _name(suffix: str) -> str:
    """A name that TensorBoard recognizes, unique across processes, machines and containers.

    TensorBoard reads the files of a directory in the order of their names and never goes back, so a later file needs a
    higher name, within the same second and from another process too.
    """
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    unique = f"{os.getpid()}.{next(_counter):06d}.{secrets.token_hex(3)}"
    return f"events.out.tfevents.{seconds:010d}.{rest:09d}.{socket.gethostname()}.{unique}{suffix}"
