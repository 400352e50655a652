"""The plugin below TensorBoard's own WSGI application, on a data provider, without a server."""

from __future__ import annotations

import gzip
import urllib.parse
from dataclasses import dataclass
from typing import Any

from tensorboard.backend.application import TensorBoardWSGI
from tensorboard.plugins.base_plugin import TBContext
from werkzeug.test import Client

from tb_lrfinder.server.plugin import LRFinderPlugin
from tb_lrfinder.storage.schema import PLUGIN_NAME
from tests.fuzz.fuzzer import COUNTS

PREFIX = f"/data/plugin/{PLUGIN_NAME}/"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    content_type: str
    body: bytes


class Site:
    """A TensorBoard with our plugin alone. What the plugin raises, and a server would answer 500, is raised here.

    Args:
        provider: The data provider, or a `LogDirectory`.
    """

    def __init__(self, provider: Any) -> None:
        plugin = LRFinderPlugin(TBContext(data_provider=provider))
        self._client = Client(TensorBoardWSGI([plugin], data_provider=provider))

    def get(self, route: str, query: list[tuple[str, str]] | None = None) -> Answer:
        """The answer of a route of the plugin; browsers send U+FFFD for half a surrogate pair."""
        well_formed = [
            (name, value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")) for name, value in query or []
        ]
        return self.send("GET", PREFIX + route, urllib.parse.urlencode(well_formed), {})

    def send(self, method: str, path: str, query: str, headers: dict[str, str]) -> Answer:
        """The answer to any request."""
        COUNTS["requests"] += 1
        response = self._client.open(path=path, query_string=query, method=method, headers=headers)
        try:
            body = response.get_data()
            is_packed = response.headers.get("Content-Encoding") == "gzip" and body
            return Answer(
                response.status_code, response.content_type or "", gzip.decompress(body) if is_packed else body
            )
        finally:
            response.close()
