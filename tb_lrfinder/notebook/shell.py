"""The IPython shell, if the code runs in one, and the results already shown in the current cell.

IPython is never loaded here: where the code runs in it, it is loaded already.
"""

from __future__ import annotations

import sys
from typing import Any

# What was told in the cell with this number.
_told: tuple[int | None, set[str]] = (None, set())


def current() -> Any:
    """The shell; None outside of IPython."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def is_notebook() -> bool:
    """Whether what is displayed goes to a notebook, and not to a terminal."""
    return getattr(current(), "kernel", None) is not None


def is_colab() -> bool:
    # Its kernel loads the module; where the package is merely installed, nothing does.
    return is_notebook() and "google.colab" in sys.modules


def publish(data: dict[str, str], *, handle: Any = None) -> Any:
    """Displays the same thing in several formats; returns a handle to put something else in its place.

    Args:
        data: Text by its media type.
        handle: What an earlier call returned: then that is replaced.
    """
    from IPython.display import display

    if handle is None:
        return display(data, raw=True, display_id=True)
    handle.update(data, raw=True)
    return handle


def note(text: str) -> None:
    """Remembers that this text was shown in the current cell."""
    global _told
    cell = _cell()
    if cell is None:
        return
    if _told[0] != cell:
        _told = (cell, set())
    _told[1].add(text)


def was_told(text: str) -> bool:
    """Whether this text was shown in the current cell; False outside of IPython."""
    return _told[0] == _cell() and text in _told[1]


def _cell() -> int | None:
    return getattr(current(), "execution_count", None)
