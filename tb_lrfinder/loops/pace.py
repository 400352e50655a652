"""`Pace`: when the steps that a loop has collected are handed on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# Steps are handed on in bunches: so often, so that little is lost with a process that is killed, and at most so many.
_BUNCH_SECONDS, _BUNCH_SIZE = 0.25, 1024
# Between steps nobody is called: a thread looks so often whether there were none for a while, and hands on in their place.
_LOOK_SECONDS, _PATIENCE_SECONDS = 0.1, 0.35


def _nothing() -> None:
    pass


class Pace:
    """Has the steps of a loop handed on in bunches, also while no further step comes: one may take minutes.

    The loop asks with each step whether they are due, and so does a thread, more patiently, as long as the pace goes.
    """

    def __init__(self) -> None:
        self._handed_on = time.monotonic()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, look: Callable[[], None], at_end: Callable[[], None] = _nothing) -> None:
        """Starts the thread.

        Args:
            look: What it does time and again: hand on where `is_due(..., patiently=True)`.
            at_end: What it does at last.
        """

        def run() -> None:
            while not self._over.wait(_LOOK_SECONDS):
                look()
            at_end()

        self._thread = threading.Thread(target=run, name="tb_lrfinder recording", daemon=True)
        self._thread.start()

    def is_due(self, num_steps: int, *, patiently: bool = False) -> bool:
        """Whether so many steps are to be handed on now."""
        seconds = _PATIENCE_SECONDS if patiently else _BUNCH_SECONDS
        return num_steps > _BUNCH_SIZE or (num_steps > 0 and time.monotonic() - self._handed_on >= seconds)

    def note(self) -> None:
        """Says that steps have been handed on."""
        self._handed_on = time.monotonic()

    def end(self, *, wait: bool = False) -> None:
        """Ends the thread.

        Args:
            wait: Whether to return only when it has done its last; not in the thread itself.
        """
        self._over.set()
        # The garbage collector may end it in any thread.
        if wait and self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
