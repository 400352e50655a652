"""Checks of what the routes answer, whatever lies in the log directory: http_api.md, sentence by sentence."""

from __future__ import annotations

import functools
import json
import math
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.fuzz.fuzzer import COUNTS
from tests.fuzz.good import good_files, write_files
from tests.fuzz.page import page
from tests.fuzz.queries import Query
from tests.fuzz.site import Answer, Site
from tests.support.loaders import own_loader

TRACE_ROUTES = ("curves", "slopes", "suggestions", "schedules", "probes", "pairs")
CONTAINERS = ("curves", "slopes", "schedules")
_LONGEST_SENTENCE = 2_000
_UNREADABLE = ("damaged", "unsupported")


def entries_of(route: str, answer: Answer) -> list[dict[str, Any]]:
    """The entries of a good answer, columns as lists of their bytes; checks all that holds for every answer."""
    assert answer.status == 200, answer
    COUNTS[f"answers of {route}"] += 1
    complaint = page().complaint(route, answer.body)
    assert not complaint, complaint
    if route in CONTAINERS:
        return _container(answer.body)
    content = strict_json(answer.body)
    entries = content[route]
    for entry in entries:
        if route == "traces" and entry["status"] in _UNREADABLE:
            check_sentence(entry["status_text"])
            assert (entry["rows"], entry["columns"]) == (0, []), entry
        if route == "suggestions":
            check_sentence(entry["reason"])
            check_rates([entry, *entry["uses"]])
        if route in ("probes", "pairs"):
            check_related(entry)
    return entries


def strict_json(body: bytes) -> Any:
    """JSON as browsers know it: no NaN, no infinity."""

    def refuse(constant: str) -> Any:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(body.decode(), parse_constant=refuse)


def check_sentence(text: str) -> None:
    assert text.endswith("."), text
    assert "Traceback" not in text, text
    assert len(text) < _LONGEST_SENTENCE, text
    assert "\n" not in text, text


def check_rates(entries: Sequence[dict[str, Any]], suggested: str = "learning_rate") -> None:
    """No rate that is suggested is anything but a positive number."""
    for entry in entries:
        for name in (suggested, "lower", "upper", "edge"):
            rate = entry.get(name)
            assert rate is None or 0 < rate < math.inf, entry


def check_related(entry: dict[str, Any]) -> None:
    """An entry of `probes` or `pairs`."""
    for sentence in (*([entry["error"]] if entry["error"] else []), *entry.get("sentences", [])):
        check_sentence(sentence)
    points, pairs = entry.get("points", []), entry.get("pairs", [])
    check_rates(points, "suggestion")
    check_rates(pairs, "suggested")
    for one in points:
        check_sentence(one["reason"])
    for one in pairs:
        check_sentence(one["sentence"])
        assert entry["id"] in (one["training"], one["test"]), entry
    assert [one["step"] for one in points] == sorted(one["step"] for one in points)


def _container(body: bytes) -> list[dict[str, Any]]:
    assert body[:4] == b"LRF1"
    (length,) = struct.unpack("<I", body[4:8])
    assert length % 8 == 0
    columns = body[8 + length :]
    entries = strict_json(body[8 : 8 + length])["traces"]
    end = 0
    for entry in entries:
        if "error" in entry:
            check_sentence(entry["error"])
            continue
        num_bytes = 8 * entry["rows"]
        for column in entry["columns"]:
            assert column["offset"] == end, entry
            end += num_bytes
            column["values"] = columns[column.pop("offset") : end]
    assert end == len(columns)
    return entries


def served(site: Site, ids: Sequence[str], query: Query | None = None) -> dict[str, dict[str, Any]]:
    """What each route says of these traces, asked for together, by route and id."""
    named = [("trace", one) for one in ids]
    answers = {route: entries_of(route, site.get(route, named + (query or []))) for route in TRACE_ROUTES}
    for route, entries in answers.items():
        assert [entry["id"] for entry in entries] == list(ids), route
    return {route: {entry["id"]: entry for entry in entries} for route, entries in answers.items()}


def check_site(site: Site, query: Query) -> None:
    """Every listed trace is answered for, alone and with all others, and the good ones are as they are alone."""
    listed = {entry["id"]: entry for entry in entries_of("traces", site.get("traces"))}
    assert {trace_id: listed.get(trace_id) for trace_id in good_list()} == good_list()
    together = served(site, list(listed))
    for route, entries in good_answers().items():
        assert {trace_id: together[route][trace_id] for trace_id in entries} == entries
    for trace_id in listed:
        if trace_id not in good_list():
            alone = served(site, [trace_id])
            assert alone == {route: {trace_id: entries[trace_id]} for route, entries in together.items()}
    served(site, list(listed), query)


@functools.cache
def good_list() -> dict[str, Any]:
    """The entries of the good traces, where nothing else lies beside them."""
    return _alone()[0]


@functools.cache
def good_answers() -> dict[str, dict[str, Any]]:
    """What the routes say of them there."""
    return _alone()[1]


@functools.cache
def _alone() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), good_files())
        site = Site(own_loader(Path(folder)))
        listed = {entry["id"]: entry for entry in entries_of("traces", site.get("traces"))}
        return listed, served(site, list(listed))
