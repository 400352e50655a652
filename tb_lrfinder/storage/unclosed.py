"""`Unclosed`: the end of a trace that nobody closed, because its writer was given up or the program ended."""

from __future__ import annotations

import atexit
import sys

from tb_lrfinder.columns import TRAINING
from tb_lrfinder.storage.event_file import EventFile
from tb_lrfinder.storage.trace_content import TraceContent


class Unclosed:
    """Ends a trace and says so in its header, unless it is closed before. It does not hold the writer.

    A fork of the process that opened the trace ends nothing: it is not its own.

    Args:
        content: What is written.
        events: Where to.
    """

    def __init__(self, content: TraceContent, events: EventFile) -> None:
        self._content = content
        self._events = events
        atexit.register(self._end_with_program)

    def give_up(self) -> None:
        """Ends the trace because nothing is left that could add to it."""
        self.release()
        self._end("the trace was given up", "")

    def release(self) -> None:
        """Leaves the trace as it is: somebody closed it."""
        atexit.unregister(self._end_with_program)

    def _end_with_program(self) -> None:
        error = None if hasattr(sys, "ps1") else getattr(sys, "last_value", None)  # a prompt goes on after an error
        self._end("the program ended", f": {type(error).__name__}" if error is not None else "")

    def _end(self, event: str, cause: str) -> None:
        if self._events.is_inherited:
            return
        header = self._content.header
        if header.status == "running":
            # A training's rows are fewer than its steps.
            place = "" if header.kind == TRAINING else f" after step {self._content.num_added}"
            text = f"Not closed: {event}{place}{cause}."
            self._content.change_header(status="interrupted", stop_reason="not_closed", stop_text=text)
        try:
            self._events.close()
        except OSError as error:
            if sys.stderr is not None:  # nobody is left to catch it
                sys.stderr.write(f"{error}\n")
