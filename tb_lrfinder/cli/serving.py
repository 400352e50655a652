"""`tb_lrfinder open`: TensorBoard on the LR Finder tab, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Sequence
from typing import Any

from tb_lrfinder.cli.log_dir import WRONG_USE, CommandError
from tb_lrfinder.cli.quiet import quiet
from tb_lrfinder.storage.schema import PLUGIN_NAME

# Where no window can be opened, a browser would be one in the terminal.
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


def serve(log_dir: str, flags: Sequence[str], *, in_browser: bool) -> None:
    """Serves a log directory, says where, and returns when it is interrupted.

    Args:
        log_dir: The directory, as TensorBoard takes it.
        flags: Further arguments of TensorBoard.
        in_browser: Whether to open the address in the browser of this desktop, if there is one.

    Raises:
        CommandError: If TensorBoard cannot listen, or refuses the arguments.
    """
    url = f"{_launch(['--logdir', log_dir, *flags])}#{PLUGIN_NAME}"
    sys.stdout.write(f"Open {url}   (Ctrl-C ends TensorBoard)\n")
    sys.stdout.flush()
    if in_browser and _has_desktop():
        webbrowser.open(url)
    _wait()


def _launch(flags: Sequence[str]) -> str:
    """Starts TensorBoard in a thread; returns its address."""
    with quiet():
        # Here, as other commands do not need them.
        from tensorboard import default, program
        from tensorboard.plugins.base_plugin import FlagsError

        board: Any = program.TensorBoard(plugins=default.get_plugins())
        try:
            board.configure(argv=("tensorboard", *flags))
            return board.launch()
        except (FlagsError, program.TensorBoardServerException) as error:
            raise CommandError(WRONG_USE, f"TensorBoard does not start: {str(error).strip()}") from None


def _wait() -> None:
    """Returns on Ctrl-C, or when the process is asked to end."""
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    ended.wait()


def _has_desktop() -> bool:
    is_linux = sys.platform.startswith("linux")
    return sys.stdout.isatty() and (not is_linux or any(os.environ.get(name) for name in _DISPLAYS))
