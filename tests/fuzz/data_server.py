"""TensorBoard's fast data server on one directory, read once."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tensorboard.context import RequestContext
from tensorboard.data import server_ingester
from tensorboard.data.provider import RunTagFilter
from tensorboard.util import grpc_util

from tb_lrfinder.storage.schema import PLUGIN_NAME

_PATIENCE, _INTERVAL, _ALIKE = 30.0, 0.02, 5


@contextlib.contextmanager
def fast_loader(log_dir: Path) -> Iterator[Any]:
    """The data provider of a server that has read the directory."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        command = [server_ingester.get_server_binary().path, f"--logdir={log_dir}", "--reload=once", "--port=0"]
        command += [f"--port-file={port_file}", "--die-after-stdin"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            _wait_until(lambda: port_file.exists() and port_file.read_text().endswith("\n"))
            address = f"localhost:{int(port_file.read_text())}"
            local = grpc_util.ChannelCredsType.LOCAL
            provider = server_ingester.ExistingServerDataIngester(address, channel_creds_type=local).data_provider
            _wait_until_read(provider)
            yield provider
        finally:
            process.communicate()


def _wait_until_read(provider: Any) -> None:
    """Returns when the server lists the same for some time: it does not tell when it has read everything."""
    looks: list[Any] = []

    def is_settled() -> bool:
        looks.append(
            provider.list_tensors(
                RequestContext(), experiment_id="", plugin_name=PLUGIN_NAME, run_tag_filter=RunTagFilter()
            )
        )
        return bool(looks[-1]) and len(looks) >= _ALIKE and all(one == looks[-1] for one in looks[-_ALIKE:])

    _wait_until(is_settled)


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "TensorBoard's data server does not answer"
        time.sleep(_INTERVAL)
