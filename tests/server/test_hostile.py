"""Whatever a request holds, it is answered or refused in words, at once."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from tb_lrfinder.server import query, questions, wire
from tb_lrfinder.storage import schema
from tests.support.loaders import python_loader
from tests.support.provided import data_of, series_of
from tests.support.served_apps import Routes
from tests.support.traces import plateaus, synthetic_curve, write_probed, write_scalars, write_trace, write_training

VALUES = (
    "", "0", "-0", "-1", "1", "2.5", "nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e400", "1e-400", "1e-300", "1e300",
    "1_000", "٣", "１", " 7 ", "0x10", "true", "null", "None", "[]", "%00", "a%00b", "%ff%fe", "%", "%zz", "%F0%9F%92%A5",
    "%ED%A0%80", "..%2F..%2Fetc%2Fpasswd", "%3Cscript%3E", "1" * 18, "9" * 5_000, "x" * 20_000, "constant", "one_cycle",
)  # fmt: skip
NUMBERS = ("skip_start", "skip_end", "max_points", "smoothing", "lower", "upper")
ARGUMENTS = {
    "traces": ("known",),
    "curves": ("trace", "column", "by", *NUMBERS),
    "slopes": ("trace", "column", "by", "sigma", "skip_start", "skip_end"),
    "suggestions": ("trace", "method", "by", "total_steps"),
    "schedules": ("trace",),
    "probes": ("trace",),
    "pairs": ("trace",),
    "relations": ("trace", "by", "group", "value", "method", "total_steps", "column"),
    "scalars": ("any",),
    "scalar": ("run", "tag"),
    "recipes": ("total_steps", "learning_rate", "lower"),
    "recipe": (
        "name",
        "total_steps",
        "learning_rate",
        "lower",
        "batch_size",
        "optimizer",
        "framework",
        "fine_tuning",
        "edge",
        "shape",
        "start_divisor",
        "power",
    ),
    "static/index.js": ("any",),
}
# Seconds of a core, however busy the machine is.
SECONDS = 2.0


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    log_dir = tmp_path_factory.mktemp("hostile")
    write_trace(log_dir / "run", synthetic_curve(300))
    write_training(log_dir / "training", plateaus())
    write_probed(log_dir / "trained", (0, 300))
    write_scalars(log_dir / "training", "accuracy", [0.1, math.nan, math.inf])
    return Routes(python_loader(log_dir))


@pytest.fixture(scope="module")
def valid(routes):
    """A query that every route answers."""
    ids = "&".join(f"trace={quote(trace['id'])}" for trace in routes.json("traces")["traces"])
    return f"{ids}&run=training&tag=accuracy&name=one_cycle"


@pytest.mark.parametrize(("route", "name"), [(route, name) for route, names in ARGUMENTS.items() for name in names])
def test_any_value_of_an_argument_is_answered_or_refused_in_a_sentence(routes, valid, route, name):
    others = "&".join(part for part in valid.split("&") if not part.startswith(f"{name}="))
    for value in VALUES:
        for query_string in (f"{others}&{name}={value}", f"{name}={value}&{valid}", f"{name}={value}"):
            began = time.thread_time()
            response = routes.ask(route, query_string)
            assert time.thread_time() - began < SECONDS, query_string[:200]
            assert response.status_code in (200, 400, 404), (query_string[:200], response.get_data())
            if response.status_code != 200 and route != "static/index.js":
                text = response.get_data(as_text=True)
                assert response.mimetype == "text/plain"
                assert text.endswith(".")
                assert len(text) < 1_000
            if response.mimetype == "application/json":
                routes.json(route, query_string)


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "1_000", "٣", " 7 ", "0x10", ""])
def test_a_number_is_written_as_json_writes_it(routes, valid, value):
    for name in NUMBERS:
        response = routes.ask("curves", f"{valid}&{name}={quote(value)}")
        assert response.status_code == 400
        assert f"Received: {name}={value!r}." in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("route", "arguments", "words"),
    [
        ("curves", "max_points=1000000", "`max_points` must be at most 100000: leave it out to receive all rows."),
        ("slopes", "sigma=1e-300", "`sigma` must be in [0.001, 10]."),
        ("slopes", "sigma=11", "`sigma` must be in [0.001, 10]."),
        ("curves", "lower=2&upper=1", "`lower` must be zero or positive, and below `upper`."),
        ("curves", "column=" + "x" * 8_193, "An argument must have at most 8,192 characters. Received: 'column'"),
        ("recipes", "total_steps=10000001", "`total_steps` must be in [2, 1e+07]."),
    ],
)
def test_what_is_beyond_a_limit_is_refused_with_the_limit(routes, valid, route, arguments, words):
    response = routes.ask(route, f"{valid}&{arguments}")
    assert response.status_code == 400
    assert words in response.get_data(as_text=True)


def test_so_many_traces_may_be_named_in_one_request_and_no_more(routes, valid):
    trace = valid.partition("&")[0]
    assert len(routes.json("suggestions", "&".join([trace] * 1_000))["suggestions"]) == 1
    many = "&".join(f"trace=s-1/{index}" for index in range(query.MAX_TRACES + 1))
    response = routes.ask("curves", many)
    assert response.status_code == 400
    assert "A request must name at most 500 traces" in response.get_data(as_text=True)
    assert routes.ask("curves", many.rpartition("&")[0]).status_code == 404


@pytest.mark.parametrize("route", ARGUMENTS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X" * 100])
def test_other_methods_than_get_and_head_are_refused(routes, valid, route, method):
    response = routes.ask(route, valid, method)
    assert (response.status_code, response.headers["Allow"], response.mimetype) == (405, "GET, HEAD", "text/plain")
    assert response.get_data(as_text=True).startswith("The method must be one of GET, HEAD: this address is only read.")


@pytest.mark.parametrize("route", [route for route in ARGUMENTS if route != "static/index.js"])
def test_head_is_answered_like_get_without_the_content(routes, valid, route):
    whole, head = routes.ask(route, valid), routes.ask(route, valid, "HEAD")
    assert (head.status_code, head.get_data()) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"] == str(len(whole.get_data()))


def test_every_route_is_tried_here(routes):
    assert set(routes.names) == set(ARGUMENTS)


@pytest.fixture
def bad_and_good(tmp_path):
    for run in ("bad", "good"):
        write_trace(tmp_path / run, synthetic_curve(300))
    return Routes(python_loader(tmp_path))


def break_first(monkeypatch, module, name):
    """Makes the first call of a function fail; returns the arguments of the calls so far."""
    works, calls = getattr(module, name), []

    def breaks(*arguments, **named):
        calls.append(arguments)
        return works(*arguments, **named) if len(calls) > 1 else 1 // 0

    monkeypatch.setattr(module, name, breaks)
    return calls


@pytest.mark.parametrize(
    ("broken", "route"),
    [
        ("lowest_of", "curves"),
        ("thin", "curves"),
        ("slopes_of", "slopes"),
        ("suggest", "suggestions"),
        ("rate_changes", "schedules"),
    ],
)
def test_an_error_that_nobody_foresaw_is_the_words_of_its_trace(bad_and_good, monkeypatch, broken, route):
    """The first trace breaks, whichever answer it breaks in, and the second is whole."""
    calls = break_first(monkeypatch, questions, broken)
    ids = [trace["id"] for trace in bad_and_good.json("traces")["traces"]]
    body = bad_and_good.ask(route, "&".join(f"trace={one}" for one in ids)).get_data()
    assert body.count(b"This trace cannot be read: ZeroDivisionError: integer division or modulo by zero.") == 1
    assert len(calls) == 2


def test_an_entry_that_cannot_be_made_is_a_damaged_trace_beside_the_others(bad_and_good, monkeypatch):
    break_first(monkeypatch, wire, "drawable")
    bad, good = bad_and_good.json("traces")["traces"]
    assert (bad["run"], bad["status"], good["status"]) == ("bad", "damaged", "finished")
    assert bad["status_text"].startswith("This trace cannot be read: ZeroDivisionError")


def test_what_a_list_has_no_room_for_is_counted(monkeypatch):
    monkeypatch.setattr(wire, "MAX_LISTED", 3)
    monkeypatch.setattr(wire, "MAX_LIST_BYTES", 100)
    assert wire._limited(["1" * 10] * 5) == (["1" * 10] * 3, 2)
    assert wire._limited(["1" * 101, "2" * 60, "3" * 60, "4" * 40]) == (["2" * 60, "4" * 40], 2)


def test_traces_beyond_the_size_of_an_answer_say_how_to_ask_for_less(routes, valid, monkeypatch):
    monkeypatch.setattr(wire, "MAX_ANSWER_BYTES", 300 * 4 * 8)
    answer = routes.ask("curves", "&".join(valid.split("&")[:2])).get_data()
    assert answer.count(b'"error": "The answer would exceed 64 MiB: name fewer traces in one request') == 1
    thinned = routes.ask("curves", "&".join(valid.split("&")[:2]) + "&max_points=50").get_data()
    assert b"would exceed" not in thinned


@pytest.mark.parametrize("route", ["curves", "slopes", "suggestions", "probes", "pairs", "relations"])
def test_a_trace_that_is_gone_says_so_beside_the_others(routes, valid, route):
    body = routes.ask(route, f"trace=s-1/gone&{valid.partition('&')[0]}")
    words = b"There is no trace 's-1/gone' any more: `traces` lists the ones that TensorBoard has read."
    assert (body.status_code, body.get_data().count(words), body.get_data().count(b'"id": ')) == (200, 1, 2)
    assert routes.ask(route, "trace=s-1/gone").status_code == 404


class Scalars:
    """A provider with scalars as no program writes them."""

    def list_scalars(self, **_):
        return {"run\udc80": {"tag\x00": None}}

    def read_scalars(self, *, run_tag_filter, **_):
        if "broken" in run_tag_filter.tags:
            raise TypeError("no elements")
        points = [(-5, 1.0, 0.5), (2**62, math.nan, 0.5), (3, math.inf, 1.0), (3, 1e300, math.nan)]
        return {"run": {"tag": [SimpleNamespace(step=step, wall_time=at, value=value) for step, at, value in points]}}


def test_scalars_of_any_content_are_strict_json():
    odd = Routes(Scalars())
    assert odd.json("scalars")["scalars"] == [{"run": "run\ufffd", "tag": "tag\x00", "unit": "step"}]
    scalar = odd.json("scalar", "run=run&tag=tag")
    assert (scalar["steps"], scalar["wall_times"], scalar["values"]) == ([-5, 3], [1.0, 1e300], [0.5, None])
    response = odd.ask("scalar", "run=run&tag=broken")
    assert response.status_code == 404
    assert "This scalar cannot be read: TypeError: no elements." in response.get_data(as_text=True)


def test_a_name_that_utf_8_cannot_hold_is_listed_and_found():
    value = schema.encode_header(
        "s-1", schema.Header(kind="range_test", started=1.0, status="finished", stop_text="\ud800")
    )

    class Named:
        def list_tensors(self, *_, **__):
            return {"run\udc80": {value.tag: series_of(value)}}

        def read_tensors(self, *_, **__):
            return {"run\udc80": {value.tag: data_of(value)}}

    named = Routes(Named())
    (trace,) = named.json("traces")["traces"]
    assert trace["id"] == "s-1/run\ufffd"
    (found,) = named.json("suggestions", f"trace={quote(trace['id'])}")["suggestions"]
    assert found["id"] == trace["id"]
