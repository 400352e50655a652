"""The plugin's routes without a server around them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from tensorboard.backend import application
from werkzeug.test import Client, TestResponse

from tb_lrfinder.server.plugin import LRFinderPlugin


class Routes:
    """The routes over a data provider; errors are answered as TensorBoard answers them, and all others raise."""

    def __init__(self, provider: Any) -> None:
        context: Any = SimpleNamespace(data_provider=provider)
        apps = LRFinderPlugin(context).get_plugin_apps()
        self._clients = {path[1:]: Client(application._handling_errors(app)) for path, app in apps.items()}

    def ask(self, route: str, query: str = "", method: str = "GET") -> TestResponse:
        """The answer to a request whose query stands in the address as it is given."""
        return self._clients[route].open(path="/", query_string=query, method=method)

    def json(self, route: str, query: str = "") -> Any:
        """An answer with status 200, as strict JSON."""
        response = self.ask(route, query)
        assert response.status_code == 200, response.get_data()
        return json.loads(response.get_data(), parse_constant=pytest.fail)

    @property
    def names(self) -> list[str]:
        return list(self._clients)
