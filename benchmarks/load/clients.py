"""Clients that ask a TensorBoard as the tab does, all at once."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import numpy as np

# What the tab asks for while a curve is drawn: `MAX_POINTS` and the default smoothing of frontend/src/finder.
_DRAWN = {"max_points": 4_000, "smoothing": 0.6}
_HEADERS = {"Accept-Encoding": "gzip"}
_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """How long an answer took in seconds, and its status; 0 where there was none."""

    route: str
    seconds: float
    status: int


class _Client:
    """Asks in turn for the list, curves and suggestions, until it is told to stop."""

    def __init__(self, url: str, ids: Sequence[str], named: int, seed: int) -> None:
        address = urlsplit(url)
        assert address.hostname is not None
        self._connection = http.client.HTTPConnection(address.hostname, address.port, timeout=_TIMEOUT_SECONDS)
        self._ids, self._named, self._random = ids, named, np.random.default_rng(seed)
        self._known = ""
        self.answers: list[Answer] = []

    def run(self, until: float) -> None:
        requests = self._requests()
        while time.monotonic() < until:
            route, query = next(requests)
            began = time.perf_counter()
            status, body = self._get(f"/data/plugin/lr_finder/{route}?{query}")
            self.answers.append(Answer(route, time.perf_counter() - began, status))
            if route == "traces" and status == 200:
                self._known = json.loads(body)["version"]

    def _requests(self) -> Iterator[tuple[str, str]]:
        while True:
            yield "traces", urlencode({"known": self._known})
            drawn = [("trace", one) for one in self._random.choice(self._ids, self._named, replace=False)]
            yield "curves", urlencode([*drawn, *_DRAWN.items()])
            yield "suggestions", urlencode(drawn)

    def _get(self, path: str) -> tuple[int, bytes]:
        try:
            self._connection.request("GET", path, headers=_HEADERS)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0, b""
        # Only the list is looked into: a client must cost little beside the server.
        is_read = "/traces?" in path and response.headers["Content-Encoding"] == "gzip"
        return response.status, gzip.decompress(body) if is_read else body


def answers_of(url: str, ids: Sequence[str], named: int, num_clients: int, seconds: float) -> list[Answer]:
    """What so many clients got in so many seconds.

    Args:
        url: Address of the TensorBoard.
        ids: The traces to draw from, with a fixed seed for each client.
        named: How many traces a request names.
        num_clients: How many ask at once, each in a thread of its own.
        seconds: How long they ask.
    """
    clients = [_Client(url, ids, named, seed) for seed in range(num_clients)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=client.run, args=(until,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for client in clients for answer in client.answers]
