"""The decoders of the page, in a process of their own."""

from __future__ import annotations

import atexit
import base64
import functools
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_HERE = Path(__file__).parent
_ROLLDOWN = _HERE.parents[1] / "frontend" / "node_modules" / "rolldown" / "bin" / "cli.mjs"


class Page:
    """A Node process that decodes answers as the page does."""

    def __init__(self) -> None:
        node = str(Path(sys.executable).with_name("node"))
        self._folder = tempfile.mkdtemp(prefix="page")
        bundle = f"{self._folder}/decoders.mjs"
        command = [node, str(_ROLLDOWN), str(_HERE / "decoders.js"), "--format", "esm", "--platform", "node"]
        subprocess.run([*command, "--file", bundle], check=True, capture_output=True, cwd=_HERE)
        self._process = subprocess.Popen([node, bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        atexit.register(self.close)

    def complaint(self, route: str, body: bytes) -> str:
        """What the page says of an answer; empty when all of it arrives."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps({"route": route, "body": base64.b64encode(body).decode()})
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)


@functools.cache
def page() -> Page:
    """The one process of this session."""
    return Page()
