"""How long the server takes to answer what the tab asks for."""

from __future__ import annotations

import statistics
import time
import urllib.request
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Request

_ROUTES = ("traces", "curves", "suggestions")


def largest(requests: Iterable[Request]) -> dict[str, str]:
    """By route, the address among those requested that names the most traces; a look for news is a route of its own."""
    found: dict[str, str] = {}
    for request in requests:
        url = urlsplit(request.url)
        route = url.path.rpartition("/")[2]
        if route not in _ROUTES:
            continue
        name = f"{route}, nothing new" if "known" in parse_qs(url.query) else route
        if len(request.url) > len(found.get(name, "")):
            found[name] = request.url
    return found


def milliseconds(url: str, rounds: int) -> float:
    """Median time until a whole answer is there, compressed as a browser asks for it."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=60) as response:
            response.read()
        times.append(time.perf_counter() - began)
    return 1e3 * statistics.median(times)
