"""`RowWriter`, the base of the writers of all kinds of traces: hands rows to an event file and says how the trace ended."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tb_lrfinder.choices import EndStatus
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.event_file import EventFile
from tb_lrfinder.storage.process import this_process
from tb_lrfinder.storage.trace_content import TraceContent
from tb_lrfinder.storage.unclosed import Unclosed

# Rows that wait before the file's thread is woken for them, and before the loop waits for it: a row is encoded in some
# microseconds, and what a killed process loses must be younger than a second.
_AHEAD, _FAR_AHEAD = 5_000, 10_000
# Rows that wait while the disk fails, or a remote file for its time: about 25 MB of memory.
_MOST_WAITING = 100_000


class RowWriter:
    """Writes the rows of one trace into an event file; base of the writers of all kinds of traces.

    A writer that is not closed loses no rows: when the program ends or nothing refers to the writer any more, they are
    written, and the header says so. Everything that writes raises `RuntimeError` once the trace is closed, and in a fork of
    the process that opened it.

    While the disk fails, everything that writes raises `OSError`, but what was added is kept, up to 100,000 rows, and is
    written when the disk can be written again.

    Args:
        log_dir: Directory of the run; made when missing. Not one that another process is writing to.
        header: The header to begin with; the process is filled in here.
        may_fail: Whether a directory that cannot be written is left to later calls.
        session: Id of the trace; None makes one.

    Raises:
        ValueError: If a reader would refuse the header, or `log_dir` is no path or on a file system that is not installed.
        OSError: If nothing can be written there, unless it may fail.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        header: schema.Header,
        *,
        may_fail: bool = False,
        session: str | None = None,
    ) -> None:
        schema.check_header(header)
        self._content = TraceContent(replace(header, process=this_process()), session)
        self._events = EventFile(log_dir, f".{schema.PLUGIN_NAME}", self._content)
        self._unclosed = Unclosed(self._content, self._events)
        self._finalizer = weakref.finalize(self, self._unclosed.give_up)
        self._finalizer.atexit = False  # `Unclosed` has words of its own for that
        if not may_fail:
            self._check_writable()

    @property
    def session(self) -> str:
        """Id of the trace."""
        return self._content.session

    def flush(self) -> None:
        """Makes all rows added so far readable to other processes, and waits until they are."""
        self._events.flush()

    def close(
        self, stop_text: str = "The sweep ended.", *, stop_reason: str = "completed", status: EndStatus = "finished"
    ) -> None:
        """Writes the last rows and why the test ended. Closing twice is harmless.

        Args:
            stop_text: The reason, as a sentence for people.
            stop_reason: The reason, as a word for code.
            status: `"finished"`, or `"interrupted"` when the test did not come to its end.

        Raises:
            ValueError: If one of them is no text; the trace stays open.
            OSError: If not all could be written.
        """
        if self._events.is_closed:
            return
        self._content.change_header(status=status, stop_reason=stop_reason, stop_text=stop_text)
        self._close_file()

    def _add(self, rows: Iterable[tuple[float, tuple[float, ...]]]) -> None:
        """Adds rows with their wall times."""
        self._events.check_open()
        if self._content.num_waiting >= _AHEAD:
            self._keep_pace(self._content.num_waiting)
        self._content.add(rows)
        self._events.raise_error()

    def _keep_pace(self, num_waiting: int) -> None:
        """Wakes the file's thread for a loop that is ahead of it, and has one that is far ahead wait."""
        if num_waiting >= _MOST_WAITING or (num_waiting >= _FAR_AHEAD and self._events.keeps_up):
            self._events.flush()
        elif self._events.keeps_up and not self._events.is_asked:
            self._events.flush(wait=False)

    def _change_header(self, **changes: Any) -> None:
        self._events.check_open()
        self._content.change_header(**changes)

    def _check_writable(self) -> None:
        try:
            self._events.flush()
        except OSError:
            with contextlib.suppress(OSError):
                self._close_file()
            raise

    def _close_file(self) -> None:
        try:
            self._events.close()
        except OSError:
            self._release()
            raise
        # Not where Ctrl-C ended the wait for the file: then the end of the program waits for it again.
        self._release()

    def _release(self) -> None:
        self._unclosed.release()
        self._finalizer.detach()
