"""The range test that a person says a training belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tb_lrfinder.loops.result import RangeTestResult


def session_of(range_test: RangeTestResult | str | None) -> str | None:
    """The session of a range test, given as its result or as that session.

    Raises:
        ValueError: If it is neither, or the result of a test that was not written.
    """
    if range_test is None or isinstance(range_test, str):
        return range_test
    session = getattr(range_test, "session", None)
    if session is None:
        raise ValueError(
            "`range_test` must be the result of a test that was written for TensorBoard, by its `log_dir`, or the session "
            f"of one. Received: a {type(range_test).__name__} without a session."
        )
    return session
