"""`TraceReader`: what it has read it does not read again, until something changes."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext

from tb_lrfinder.columns import TRAINING, Table
from tb_lrfinder.loops.training_trace import TrainingTrace
from tb_lrfinder.storage.cache import Cache
from tb_lrfinder.storage.reader import TraceReader
from tb_lrfinder.storage.schema import PLUGIN_NAME, Header
from tb_lrfinder.storage.trace import Trace
from tests.support.traces import append, open_trace, plateaus, rows_of, synthetic_curve, write_trace

CURVE = synthetic_curve(300)


class Provider(MultiplexerDataProvider):
    """TensorBoard's Python loader, with the requests for our tensors counted."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = str(log_dir)
        self._loader = EventMultiplexer(tensor_size_guidance={PLUGIN_NAME: 0})
        super().__init__(self._loader, self._log_dir)
        self.listed = 0
        self.read: list[str] = []

    def load(self) -> None:
        self._loader.AddRunsFromDirectory(self._log_dir)
        self._loader.Reload()

    def list_tensors(self, *args, **kwargs):
        self.listed += kwargs["plugin_name"] == PLUGIN_NAME
        return super().list_tensors(*args, **kwargs)

    def read_tensors(self, *args, **kwargs):
        found = super().read_tensors(*args, **kwargs)
        self.read += [tag.rpartition("/")[2] for tags in found.values() for tag in tags]
        return found


class Reading:
    """One TensorBoard process: every look is a request of its own."""

    def __init__(self, log_dir: Path) -> None:
        self.provider = Provider(log_dir)
        self._cache = Cache()

    def reader(self) -> TraceReader:
        return TraceReader(self.provider, RequestContext(), "", self._cache)

    def look(self) -> tuple[Trace, Table, list[str]]:
        """The only trace, its rows, and what was read for them."""
        self.provider.load()
        self.provider.read.clear()
        (trace,) = self.reader().traces()
        rows = self.reader().rows([trace])[trace.id]
        assert isinstance(rows, Table), rows
        return trace, rows, sorted(self.provider.read)


def test_what_did_not_change_is_read_once(tmp_path):
    write_trace(tmp_path / "run", CURVE)
    reading = Reading(tmp_path)
    _, rows, read = reading.look()
    assert read == ["00000", "header"]
    assert rows.columns == ("step", "learning_rate", "loss")
    np.testing.assert_array_equal(rows.values, rows_of(CURVE))
    _, again, read = reading.look()
    assert read == []
    assert again is rows
    with pytest.raises(ValueError, match="read-only"):
        rows.values[0] = 0.0


def test_a_running_test_is_read_again_when_it_grew_and_its_header_when_that_was_written(tmp_path):
    writer = open_trace(tmp_path / "run", 300)
    append(writer, CURVE, 0, 100)
    writer.flush()
    reading = Reading(tmp_path)
    assert len(reading.look()[1]) == 100
    append(writer, CURVE, 100, 200)
    writer.flush()
    _, rows, read = reading.look()
    assert (len(rows), read) == (200, ["00000", "00001"])
    writer.close()
    trace, rows, read = reading.look()
    assert (trace.status, len(rows), read) == ("finished", 200, ["header"])


def test_a_training_that_goes_on_is_read_again(tmp_path):
    def train(steps, first_step):
        trace = TrainingTrace(tmp_path / "run", Header(kind=TRAINING, started=time.time(), first_step=first_step))
        trace.append(steps)
        trace.close("finished", "The training ended.")

    reading, steps = Reading(tmp_path), plateaus()
    train(steps[:100], 0)
    assert len(reading.look()[1]) == 100
    train(steps[100:], 100)
    _, rows, read = reading.look()
    np.testing.assert_array_equal(rows["step"], np.arange(150))
    assert "header" in read


def test_what_cannot_be_read_is_tried_again(tmp_path):
    write_trace(tmp_path / "run", CURVE)
    reading = Reading(tmp_path)
    reading.provider.load()
    (trace,) = reading.reader().traces()
    # TensorBoard may list a segment that it has not read.
    early = replace(trace, num_rows=400, segment_rows=(400,))
    for _ in range(2):
        reading.provider.read.clear()
        found = reading.reader().rows([early])[trace.id]
        assert str(found) == "This trace is incomplete: it should have 400 rows, 300 can be read."
        assert reading.provider.read == ["00000"]
    assert isinstance(reading.reader().rows([trace])[trace.id], Table)


def test_another_experiment_has_rows_of_its_own(tmp_path):
    write_trace(tmp_path / "run", CURVE)
    cache, provider = Cache(), Provider(tmp_path)
    provider.load()
    for experiment in ("one", "other"):
        reader = TraceReader(provider, RequestContext(), experiment, cache)
        reader.rows(reader.traces())
    assert sorted(provider.read) == ["00000", "00000", "header", "header"]


def test_a_trace_is_found_in_the_list_of_a_moment_ago_and_later_in_a_new_one(tmp_path, monkeypatch):
    clock = {"now": 100.0}
    monkeypatch.setattr("tb_lrfinder.storage.reader.time.monotonic", lambda: clock["now"])
    for run in ("one", "two/three"):
        write_trace(tmp_path / run, CURVE)
    reading = Reading(tmp_path)
    reading.provider.load()
    ids = [trace.id for trace in reading.reader().traces()]
    assert list(reading.reader().find(ids[::-1])) == ids[::-1]
    assert reading.provider.listed == 1
    clock["now"] += 2.0
    found = reading.reader().find([ids[1], "nobody/two/three", "nowhere"])
    assert {one: trace.run for one, trace in found.items()} == {ids[1]: "two/three"}
    assert reading.provider.listed == 2
    assert list(reading.reader().find(ids)) == ids
    assert reading.provider.listed == 2


def test_a_new_trace_is_found_although_the_list_is_of_a_moment_ago(tmp_path):
    write_trace(tmp_path / "one", CURVE)
    reading = Reading(tmp_path)
    reading.provider.load()
    reading.reader().traces()
    session = write_trace(tmp_path / "two", CURVE)
    reading.provider.load()
    assert list(reading.reader().find([f"{session}/two"])) == [f"{session}/two"]
