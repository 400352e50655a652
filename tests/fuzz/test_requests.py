"""Whatever comes in a request: an answer as http_api.md has it, or one sentence that refuses it, within a second or so."""

from __future__ import annotations

import functools
import tempfile
import time
import urllib.parse
from pathlib import Path

from hypothesis import strategies as st

from tests.fuzz.answers import CONTAINERS, check_sentence, entries_of, good_list, strict_json
from tests.fuzz.fuzzer import fuzzer
from tests.fuzz.good import good_files, write_files
from tests.fuzz.page import page
from tests.fuzz.queries import ARGUMENTS
from tests.fuzz.site import PREFIX, Answer, Site
from tests.fuzz.values import odd_floats, odd_texts, odd_wholes
from tests.support.loaders import python_loader

_LISTS = ("traces", "suggestions", "probes", "pairs", *CONTAINERS)
_ROUTES = (*_LISTS, "scalars", "scalar", "recipes", "recipe", "static/index.js")
_OTHER_PATHS = (
    "", "..", "static", "static/", "static/../../plugin.py", "static/%2e%2e/plugin.py", "//etc/passwd", "traces/", "TRACES",
    "curves\x00", "a" * 5_000,
)  # fmt: skip
_METHODS = (*["GET"] * 12, "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get")
_NAMES = (
    "trace", "known", "column", "skip_start", "skip_end", "max_points", "smoothing", "lower", "upper", "by", "sigma",
    "method", "run", "tag", "name", "total_steps", "learning_rate", "batch_size", "optimizer", "shape",
    "initial_learning_rate", "decay_steps", "decay_rate", "peak_learning_rate", "alpha", "power", "warmup_steps",
    "step_size", "mode", "edge", "fine_tuning",
)  # fmt: skip
_WORDS = (
    "loss", "epoch", "step", "auto", "valley", "one_cycle", "cyclical", "constant", "step_decay", "cosine", "linear", "Adam",
    "1_000", "٣", "0x10", " 5 ", "+5", "1e3", "-0", "nan", "inf", "-inf", "1e400", "1e-400", "9" * 5_000, "4", "300", "0.5",
    "good/sweep", "good/training", "learning_rate", "../../etc/passwd", "' OR 1=1", "{{7*7}}", "%00", "x\r\nSet-Cookie: a=b",
)  # fmt: skip
_REFUSALS = (400, 404, 405)
# Seconds of a core, however busy the machine is: no time grows with a number in the address.
_SECONDS = 2.0


@functools.cache
def site() -> Site:
    """The plugin on the good runs alone."""
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), good_files())
        return Site(python_loader(Path(folder)))


_ids = st.deferred(lambda: st.sampled_from([*good_list()] * 5 + ["nobody/here"]))
_odd = (
    st.sampled_from(_WORDS)
    | odd_floats.map(str)
    | odd_wholes.map(str)
    | st.integers(0, 500).map(str)
    | _ids
    | odd_texts
)


def _encoded(name: str, value: str) -> str:
    return "=".join(urllib.parse.quote(part, errors="surrogatepass") for part in (name, value))


_traces = st.builds(_encoded, st.just("trace"), _ids)
_fitting = st.sampled_from(sorted(ARGUMENTS)).flatmap(lambda name: st.builds(_encoded, st.just(name), ARGUMENTS[name]))
_odd_pairs = st.builds(_encoded, st.sampled_from(_NAMES), _odd)
_raw = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20) | st.sampled_from(
    ["%ff=%fe", "%", "&&&", "=", "a" * 100_000, "trace=%ff", "column=%00"]
)
_queries = st.builds(
    lambda *parts: "&".join(one for part in parts for one in part),
    st.lists(_traces, max_size=4),
    st.lists(_fitting, max_size=3),
    st.just([]) | st.lists(_odd_pairs | _raw, max_size=2),
)
_headers = st.dictionaries(
    st.sampled_from(
        ["Accept-Encoding", "Host", "Origin", "Range", "If-None-Match", "X-Forwarded-For", "Content-Length"]
    ),
    st.sampled_from(["gzip", "*", "0", "-1", "bytes=0-5", "evil.example", "a" * 1_000]),
    max_size=2,
)


@fuzzer(
    quick=150,
    method=st.sampled_from(_METHODS),
    route=st.sampled_from(_LISTS * 6 + _ROUTES * 3 + _OTHER_PATHS),
    query=_queries,
    headers=_headers,
)
def test_requests(method: str, route: str, query: str, headers: dict[str, str]) -> None:
    asked = site()
    started = time.thread_time()
    answer = asked.send(method, PREFIX + route, query, headers)
    assert time.thread_time() - started < _SECONDS
    if method == "HEAD":
        assert not answer.body
    elif answer.status in _REFUSALS:
        check_refusal(answer)
    else:
        assert answer.status != 200 or method in ("GET", "get"), method
        check_answer(route.rstrip("/"), answer)


def check_refusal(answer: Answer) -> None:
    assert answer.content_type.startswith("text/plain"), answer
    sentence = answer.body.decode()
    if sentence != "Not found":  # TensorBoard's own words for a path that no plugin has
        check_sentence(sentence)


def check_answer(route: str, answer: Answer) -> None:
    assert answer.status == 200, answer
    if route == "traces" and set(strict_json(answer.body)) == {"version"}:
        return
    if route in _LISTS:
        entries_of(route, answer)
    elif answer.content_type == "application/json":
        strict_json(answer.body)
        complaint = page().complaint(route, answer.body)
        assert not complaint, complaint
