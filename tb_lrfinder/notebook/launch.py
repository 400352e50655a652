"""A TensorBoard run by this Python: one that already serves the directory, or else a new one.

TensorBoard's own `manager.start` runs whatever `tensorboard` the PATH finds, without PYTHONPATH: in a kernel that may be
none, or one without the plugin. What is started here outlives an interrupt of the kernel, which goes to all processes of
its group, and ends with the kernel.
"""

from __future__ import annotations

import atexit
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import IO, Any

from tensorboard import manager

START_SECONDS = 120.0
_POLL_SECONDS = 0.1
_ANSWER_SECONDS = 10.0
# Like the command `tensorboard`, and unlike `python -m`, it does not load modules from the working directory.
_MAIN = "import sys; sys.path = [*filter(None, sys.path)]; from tensorboard.main import run_main; run_main()"
# A process that is forgotten would be warned of.
_started: list[subprocess.Popen[bytes]] = []


def tensorboard(log_dir: str, port: int | None = None) -> int:
    """Finds or starts a TensorBoard for a directory.

    The environment variable `TENSORBOARD_BINARY` names another program to start, as for TensorBoard's own `%tensorboard`.

    Args:
        log_dir: The directory.
        port: Where it shall listen; None takes the first free one from TensorBoard's default on.

    Returns:
        The port at which it answers.

    Raises:
        RuntimeError: If it cannot be started, ends or does not answer; with what it said.
    """
    arguments = ["--logdir", log_dir, *([] if port is None else ["--port", str(port)])]

    def find() -> int | None:
        return next((found for found in _ports(arguments) if _serves(found, log_dir)), None)

    return find() or _start(arguments, find)


def _ports(arguments: list[str]) -> list[int]:
    """Those of the TensorBoards that were started here with these arguments; some may have ended."""
    key = manager.cache_key(os.getcwd(), arguments, {})
    try:
        return [info.port for info in manager.get_all() if info.cache_key == key]
    except FileNotFoundError:
        return []  # another one ended while it was looked up


def _serves(port: int, log_dir: str) -> bool:
    """Whether a TensorBoard of this directory, with the tab, answers there."""
    try:
        return _ask(port, "environment")["data_location"] == log_dir and "lr_finder" in _ask(port, "plugins_listing")
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return False


def _ask(port: int, route: str) -> Any:
    connection = http.client.HTTPConnection("localhost", port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", f"/data/{route}")
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def _start(arguments: Sequence[str], find: Callable[[], int | None]) -> int:
    binary = os.environ.get("TENSORBOARD_BINARY")
    command = [binary] if binary else [sys.executable, "-c", _MAIN]
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                [*command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            named = "The environment variable TENSORBOARD_BINARY names it. " if binary else ""
            raise RuntimeError(f"TensorBoard could not be started: {error}. {named}{_BY_HAND}") from None
        try:
            port = _wait(process, output, find)
        except BaseException:
            stop(process)
            raise
    _started.append(process)
    return port


def _wait(process: subprocess.Popen[bytes], output: IO[bytes], find: Callable[[], int | None]) -> int:
    deadline = time.monotonic() + START_SECONDS
    while (port := find()) is None:
        status = process.poll()
        if status is not None:
            raise RuntimeError(f"TensorBoard did not start: it ended with status {status}.{_said(output)}")
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"TensorBoard did not show the LR Finder tab within {START_SECONDS:g} seconds. Is tb_lrfinder installed "
                f"where it runs? {_BY_HAND}{_said(output)}"
            )
        time.sleep(_POLL_SECONDS)
    return port


_BY_HAND = "Run `tensorboard --logdir ...` in a terminal to see more."


def _said(output: IO[bytes]) -> str:
    output.seek(0)
    said = output.read().decode(errors="replace").strip()
    return f" It said:\n{said}" if said else " It said nothing."


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a TensorBoard."""
    process.terminate()
    try:
        process.wait(_ANSWER_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@atexit.register
def _stop_all() -> None:
    for process in _started:
        stop(process)
