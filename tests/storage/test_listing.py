"""The list of traces: it never goes backwards, and what did not change is not looked at again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_lrfinder.columns import Table
from tb_lrfinder.storage import schema
from tb_lrfinder.storage.cache import Cache
from tb_lrfinder.storage.reader import TraceReader
from tb_lrfinder.storage.trace import Trace
from tests.support.provided import data_of, series_of
from tests.support.traces import header

COLUMNS = ("step", "learning_rate", "loss")


class Growing:
    """A provider with one trace that grows, whose looks can be held up between seeing and answering."""

    def __init__(self) -> None:
        self.num_rows = 10
        self.listed = 0
        self.hold: Callable[[int], Any] = lambda look: None
        self._header = schema.encode_header("s-1", header(300, status="finished"))

    def list_tensors(self, ctx: Any, *, plugin_name: str, **_: Any) -> Any:
        if plugin_name != schema.PLUGIN_NAME:
            return {}
        self.listed += 1
        look = self.listed
        found = {value.tag: series_of(value, step=self.num_rows) for value in self._values()}
        self.hold(look)
        return {"run": found}

    def read_tensors(self, ctx: Any, **_: Any) -> Any:
        return {"run": {value.tag: data_of(value) for value in self._values()}}

    def _values(self) -> tuple[Any, Any]:
        steps = np.arange(float(self.num_rows))
        table = Table(COLUMNS, np.column_stack([steps, 1e-5 * 1.1**steps, steps]))
        return self._header, schema.encode_rows("s-1", 0, table)


def test_a_trace_is_never_found_shorter_than_it_was_listed_however_requests_overlap():
    provider, cache = Growing(), Cache()
    reader = TraceReader(provider, None, "", cache)
    seen, released, lists = threading.Event(), threading.Event(), []

    def hold(look: int) -> None:
        if look == 1:
            seen.set()
            assert released.wait(30)

    provider.hold = hold
    slow = threading.Thread(target=lambda: lists.append(reader.traces()))
    slow.start()
    assert seen.wait(30)
    provider.num_rows = 20
    quick = threading.Thread(target=lambda: lists.append(reader.traces()))
    quick.start()
    quick.join(0.2)
    released.set()
    for thread in (slow, quick):
        thread.join(30)
    listed = max(trace.num_rows for traces in lists for trace in traces)
    assert reader.find(["s-1/run"])["s-1/run"].num_rows >= listed


class Stub:
    """A provider of any number of finished traces, one of which may have a tensor that cannot be made."""

    def __init__(self, *runs: str, broken: str = "", **facts: Any) -> None:
        self.runs, self.broken, self.reads = [*runs], broken, 0
        self._value = schema.encode_header("s-1", header(300, **{"status": "finished", **facts}))

    def list_tensors(self, ctx: Any, **_: Any) -> Any:
        return {run: {self._value.tag: series_of(self._value)} for run in self.runs}

    def read_tensors(self, ctx: Any, *, run_tag_filter: Any, **_: Any) -> Any:
        self.reads += 1
        if self.broken in run_tag_filter.runs:
            raise ValueError("The tensor has no elements")
        return {run: {self._value.tag: data_of(self._value)} for run in run_tag_filter.runs}


def test_a_look_without_news_reads_nothing_and_finds_the_same_list():
    provider = Stub(*map(str, range(50)))
    reader = TraceReader(provider, None, "", Cache())
    first = reader.traces()
    assert provider.reads == 1
    assert reader.traces() is first
    provider.runs.append("later")
    assert [trace.run for trace in reader.traces()] == sorted(provider.runs)
    assert provider.reads == 2
    provider.runs.remove("later")
    assert reader.traces() == first


def test_a_running_test_ends_by_the_clock_although_nothing_is_written(monkeypatch):
    reader = TraceReader(Stub("run", status="running", started=0.5), None, "", Cache())
    clock = {"now": 2.0}
    monkeypatch.setattr("tb_lrfinder.storage.trace.time.time", lambda: clock["now"])
    (running,) = reader.traces()
    assert (running.status, reader.traces()) == ("running", (running,))
    clock["now"] = 1e6
    (ended,) = reader.traces()
    assert ended.status == "interrupted"
    assert reader.traces()[0] is ended


def test_a_tensor_that_cannot_be_made_hurts_its_own_trace_alone():
    runs = [f"run {index:02}" for index in range(40)]
    provider = Stub(*runs, broken="run 17")
    reader = TraceReader(provider, None, "", Cache())
    bad = {trace.run: trace.status_text for trace in reader.traces() if trace.status == "damaged"}
    assert bad == {"run 17": "This trace cannot be read: ValueError: The tensor has no elements."}
    assert provider.reads < 15
    provider.broken = ""
    assert not [trace for trace in reader.traces() if trace.status == "damaged"]


@dataclass(frozen=True)
class Length:
    """A question that counts rows, and how often it is answered; runs called `bad` break it."""

    asked: list[str]
    name: str = "one"

    def __hash__(self) -> int:
        return hash(self.name)

    def answer(self, trace: Trace, rows: Any) -> int:
        self.asked.append(trace.run)
        return len(rows) if trace.run != "bad" else 1 // 0


def test_an_error_in_an_answer_is_the_answer_of_its_trace():
    reader = TraceReader(Stub("good", "bad"), None, "", Cache())
    answers = reader.ask(reader.traces(), Length([]))
    assert answers["s-1/good"] == 0
    assert str(answers["s-1/bad"]).startswith("This trace cannot be read: ZeroDivisionError: ")


def test_an_answer_is_computed_once_until_its_trace_changes():
    provider, asked = Growing(), []
    reader = TraceReader(provider, None, "", Cache())
    for name in ("one", "one", "other"):
        assert reader.ask(reader.traces(), Length(asked, name)) == {"s-1/run": 10}
    assert len(asked) == 2
    provider.num_rows = 20
    assert reader.ask(reader.traces(), Length(asked)) == {"s-1/run": 20}
    assert len(asked) == 3


def test_an_entry_of_the_list_is_made_again_only_where_its_trace_changed():
    provider, made = Stub(*map(str, range(20))), []
    reader = TraceReader(provider, None, "", Cache())

    def entry(trace: Trace) -> str:
        made.append(trace.run)
        return trace.run

    first = reader.of_list(entry, tuple)
    assert first == tuple(sorted(provider.runs))
    assert reader.of_list(entry, tuple) is first
    provider.runs.append("new")
    assert reader.of_list(entry, tuple) == (*first, "new")
    assert len(made) == 21


def test_a_name_that_no_address_holds_is_found_as_an_address_has_it():
    reader = TraceReader(Stub("run\udcff"), None, "", Cache())
    (trace,) = reader.traces()
    assert reader.find(["s-1/run\ufffd"]) == {"s-1/run\ufffd": trace}


def test_no_page_sees_a_trace_shrink_while_many_look_at_it_grow():
    provider, cache, lock = Growing(), Cache(), threading.Lock()

    def page(_: int) -> None:
        longest = 0
        for _ in range(40):
            with lock:
                provider.num_rows += 1
            reader = TraceReader(provider, None, "", cache)
            for look in (reader.traces()[0], reader.find(["s-1/run"])["s-1/run"]):
                assert look.num_rows >= longest
                longest = look.num_rows

    with ThreadPoolExecutor(8) as pages:
        list(pages.map(page, range(8)))
    assert TraceReader(provider, None, "", cache).traces()[0].num_rows == 10 + 8 * 40


def test_what_lies_beside_a_trace_is_told_by_the_list_that_it_was_found_in():
    provider = Growing()
    reader = TraceReader(provider, None, "", Cache())
    found = reader.find(["s-1/run"])
    assert reader.beside(["s-1/run"]) == (found["s-1/run"],)
    assert provider.listed == 1
    reader.beside(["s-2/new"])
    assert provider.listed == 2
