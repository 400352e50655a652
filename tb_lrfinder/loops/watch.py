"""`Watch`: notices exceptions that leave the calls it watches, and has Ctrl-C come out in one of them.

Python raises `KeyboardInterrupt` between any two bytecodes of the main thread, so also between two watched calls, where
nobody would notice. While a watch is on, a Ctrl-C that comes there waits for the next watched call; so does one that comes
while the exception before it is being dealt with. One that a watched call drops comes out at its end.
"""

from __future__ import annotations

import functools
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import CodeType, FrameType, TracebackType
from typing import Any

OnFailure = Callable[[BaseException], None]


def cause_behind(error: BaseException) -> BaseException:
    """What really happened: the Ctrl-C behind a `SystemError`, otherwise the error itself.

    C code that calls Python and overlooks that it failed makes `SystemError: … returned a result with an exception set`.
    """
    behind: BaseException | None = error
    while isinstance(behind, SystemError):
        behind = behind.__cause__ or behind.__context__
    return KeyboardInterrupt() if isinstance(behind, KeyboardInterrupt) and behind is not error else error


@contextmanager
def interrupts_unwrapped() -> Iterator[None]:
    """Has the Ctrl-C behind a `SystemError` leave the block as `KeyboardInterrupt`."""
    try:
        yield
    except SystemError as error:
        cause = cause_behind(error)
        if cause is error:
            raise
        raise cause from error


class Watch:
    """Calls `on_failure(error)` when an exception leaves a watched call or block; the exception then propagates.

    Args:
        caller: The code that makes the watched calls: a Ctrl-C in it waits.
        on_failure: Called with the exception, or the Ctrl-C behind it; possibly more than once for one exception.
    """

    def __init__(self, caller: CodeType, on_failure: OnFailure) -> None:
        self._caller = caller
        self._on_failure = on_failure
        self._depth = 0
        self._is_held = False
        self._is_waiting = False
        self._is_on = False
        self._previous: Callable[[int, FrameType | None], Any] | None = None

    def start(self) -> None:
        """Has Ctrl-C wait for watched calls from now on. In other threads than the main one, there is none."""
        previous = signal.getsignal(signal.SIGINT)
        if callable(previous) and threading.current_thread() is threading.main_thread():
            self._previous, self._is_on = previous, True
            signal.signal(signal.SIGINT, self._take)

    def stop(self) -> None:
        """Leaves Ctrl-C as it was; one that waits comes out when the watched call that runs ends."""
        self._is_held = False
        if self._is_on:
            self._is_on = False
            # Somebody may have put a handler of their own before ours, which calls it: then it stays, and passes on.
            if signal.getsignal(signal.SIGINT) == self._take:
                signal.signal(signal.SIGINT, self._previous)

    def take_waiting(self) -> bool:
        """Whether a Ctrl-C waits; from now on it does not."""
        waited, self._is_waiting = self._is_waiting, False
        return waited

    def hold(self) -> None:
        """Has Ctrl-C wait also inside watched calls, until `let_go` or `stop`."""
        self._is_held = self._is_on

    def let_go(self) -> None:
        """Has Ctrl-C wait for watched calls only, as before `hold`."""
        self._is_held = False

    def call(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, watched."""

        @functools.wraps(call)
        def watched(*args: Any, **kwargs: Any) -> Any:
            depth = self._depth
            try:
                self._depth += 1
                self._let_through()
                result = call(*args, **kwargs)
                self._depth -= 1
                self._let_through()
            except BaseException as error:
                self._depth = depth
                cause = self.failed(error)
                if cause is error:
                    raise
                raise cause from error
            return result

        return watched

    def block(self, block: Callable[..., AbstractContextManager[Any]]) -> Callable[..., AbstractContextManager[Any]]:
        """The context manager, with whatever leaves its block watched."""
        return lambda: _WatchedBlock(self, block())

    def enter_block(self) -> None:
        self._depth += 1

    def leave_block(self) -> None:
        self._depth -= 1

    def failed(self, error: BaseException) -> BaseException:
        """Deals with an exception that leaves a watched call; returns what shall propagate."""
        cause = self._or_ctrl_c(cause_behind(error))
        self.hold()
        self._on_failure(cause)
        return self._or_ctrl_c(cause)

    def _or_ctrl_c(self, cause: BaseException) -> BaseException:
        """The Ctrl-C that waits, if there is one; C code that drops it may fail in another way for it."""
        if self._is_waiting and not isinstance(cause, KeyboardInterrupt):
            cause = KeyboardInterrupt()
        self._is_waiting = False
        return cause

    def _take(self, number: int, frame: FrameType | None) -> None:
        """The handler of the signal."""
        if self._is_on and (self._depth == 0 or self._is_held or self._is_between(frame)):
            self._is_waiting = True
        elif self._previous is not None:
            try:
                self._previous(number, frame)
            except BaseException:
                # C code may drop it: then it comes again when the watched call ends.
                self._is_waiting = self._is_on
                raise

    def _is_between(self, frame: FrameType | None) -> bool:
        """Whether this is a frame that watches, or calls what is watched: nobody notices what is raised there."""
        return frame is not None and (frame.f_code is self._caller or frame.f_code.co_filename == __file__)

    def _let_through(self) -> None:
        if self._is_waiting and not self._is_held and self._previous is not None:
            self._is_waiting = False
            self._previous(signal.SIGINT, sys._getframe())


class _WatchedBlock(AbstractContextManager[Any]):
    """A context manager for a watch. A class: of a generator, `contextlib` runs code of its own around the block."""

    def __init__(self, watch: Watch, block: AbstractContextManager[Any]) -> None:
        self._watch = watch
        self._block = block

    def __enter__(self) -> Any:
        entered = self._block.__enter__()
        self._watch.enter_block()
        return entered

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        left: BaseException | None = error
        try:
            if self._block.__exit__(kind, error, traceback):
                left = None
        except BaseException as raised:
            left = raised
        self._watch.leave_block()
        if left is None:
            return error is not None
        cause = self._watch.failed(left)
        if cause is error:
            return False
        if cause is left:
            raise cause
        raise cause from left
