"""Real TensorBoard servers for the tests: started as a user starts them, stopped when the test ends."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

LOADERS = ("true", "false")
_START_SECONDS = 90.0
_MODULE = ("-m", "tensorboard.main")
# TensorBoard as it is where TensorFlow is not installed: it answers after a second instead of six.
_WITHOUT_TENSORFLOW = "import sys; sys.modules['tensorflow'] = None; from tensorboard.main import run_main; run_main()"


class Server:
    """A running TensorBoard.

    Attributes:
        url: Address of the page, with the path prefix.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, route: str, **arguments: Any) -> tuple[int, bytes]:
        """Status and body of a plugin's route; a list gives repeated arguments."""
        query = urllib.parse.urlencode(arguments, doseq=True)
        try:
            with urllib.request.urlopen(f"{self.url}/data/plugin/lr_finder/{route}?{query}", timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def json(self, route: str, **arguments: Any) -> Any:
        status, body = self.get(route, **arguments)
        assert status == 200, body
        return json.loads(body)

    def traces(self) -> dict[str, dict[str, Any]]:
        """The traces by run; for runs with one trace."""
        return {trace["run"]: trace for trace in self.json("traces")["traces"]}

    def wait_for(self, condition: Callable[[dict[str, dict[str, Any]]], Any], seconds: float = 60.0) -> Any:
        """Polls `traces` until the condition holds; TensorBoard reads its files every few seconds."""
        deadline = time.monotonic() + seconds
        while not (result := condition(self.traces())):
            assert time.monotonic() < deadline, f"not reached within {seconds} s: {self.traces()}"
            time.sleep(0.2)
        return result

    def rows(self, trace_id: str, **arguments: Any) -> np.ndarray:
        """The rows of one trace."""
        return np.column_stack(list(self.curve(trace_id, **arguments)[1].values()))

    def curve(self, trace_id: str, **arguments: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """What the directory says of one curve, and its columns."""
        return self._columns("curves", trace=trace_id, **arguments)

    def slope(self, trace_id: str, **arguments: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """What the directory says of the slope of one curve, and its columns."""
        return self._columns("slopes", trace=trace_id, **arguments)

    def schedule(self, trace_id: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """What the directory says of one training or plan, and its columns."""
        return self._columns("schedules", trace=trace_id)

    def directory(self, route: str, **arguments: Any) -> list[dict[str, Any]]:
        """What a container says of each trace."""
        return self._container(route, **arguments)[0]

    def _columns(self, route: str, **arguments: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The only entry of a container, and its columns."""
        (entry,), body = self._container(route, **arguments)
        assert "error" not in entry, entry
        columns = {
            column["name"]: np.frombuffer(body, "<f8", entry["rows"], column["offset"]) for column in entry["columns"]
        }
        return entry, columns

    def _container(self, route: str, **arguments: Any) -> tuple[list[dict[str, Any]], bytes]:
        """Directory and columns, decoded as http_api.md says."""
        status, body = self.get(route, **arguments)
        assert status == 200, body
        assert body[:4] == b"LRF1"
        (length,) = struct.unpack("<I", body[4:8])
        return json.loads(body[8 : 8 + length])["traces"], body[8 + length :]


@contextlib.contextmanager
def serve(
    log_dir: Path | str,
    *flags: str,
    path_prefix: str = "",
    python: str | Path = sys.executable,
    has_tensorflow: bool = False,
) -> Iterator[Server]:
    """Runs `tensorboard --logdir log_dir` on a free port; returns when it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = _MODULE if has_tensorflow else ("-c", _WITHOUT_TENSORFLOW)
    command = [
        str(python), *program, "--logdir", str(log_dir), "--port", str(port),
        "--reload_interval", "1", *flags,
    ]  # fmt: skip
    if path_prefix:
        command += ["--path_prefix", path_prefix]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ})
    server = Server(f"http://127.0.0.1:{port}{path_prefix}")
    try:
        _wait_until_up(server, process)
        yield server
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _wait_until_up(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.json("traces")
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                pytest.fail(f"TensorBoard did not start: {process.communicate()[0].decode()}")
            time.sleep(0.1)


@pytest.fixture(params=LOADERS, ids=["fast_loader", "python_loader"], scope="module")
def load_fast(request: pytest.FixtureRequest) -> str:
    """The flag that picks TensorBoard's loader; tests that use it run with both."""
    return f"--load_fast={request.param}"
