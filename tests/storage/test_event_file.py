"""`EventFile`: what it writes, when it is there, and what becomes of errors in its thread."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from tb_lrfinder.columns import TRAINING
from tb_lrfinder.loops.training_trace import TrainingTrace
from tb_lrfinder.storage.event_file import EventFile
from tb_lrfinder.storage.file_system import _TensorFlows
from tb_lrfinder.storage.records import events_with, framed
from tb_lrfinder.storage.schema import Header
from tb_lrfinder.storage.writer import TraceWriter
from tests.support.traces import training_steps

_PATIENCE = 60.0


def event(step: int) -> event_pb2.Event:
    return event_pb2.Event(wall_time=1.0, step=step)


def steps_in(log_dir: Path) -> list[int]:
    """The steps of the events in the only file, its version aside."""
    (file,) = log_dir.iterdir()
    with open(file, "rb") as content:
        first, *others = (event_pb2.Event.FromString(one) for one in events_with(b"", content))
    assert first.file_version == "brain.Event:2"
    return [one.step for one in others]


@given(st.lists(st.binary(max_size=200)))
def test_records_are_those_of_tensorboard_and_come_back(events):
    expected = io.BytesIO()
    for one in events:
        RecordWriter(expected).write(one)
    assert b"".join(map(framed, events)) == expected.getvalue()
    assert list(events_with(b"", expected)) == events


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1), st.data())
def test_a_file_that_is_cut_off_gives_its_whole_records(events, data):
    whole = b"".join(map(framed, events))
    cut = data.draw(st.integers(0, len(whole)))
    found = list(events_with(b"", io.BytesIO(whole[:cut])))
    assert found == events[: len(found)]
    assert len(b"".join(map(framed, events[: len(found) + 1]))) > cut or found == events


def test_nothing_after_a_damaged_record_is_believed():
    good, damaged = framed(b"good"), bytearray(framed(b"word"))
    damaged[-1] ^= 1
    assert list(events_with(b"o", io.BytesIO(good + damaged + good))) == [b"good"]
    damaged = bytearray(framed(b"word"))
    damaged[8] ^= 1
    assert list(events_with(b"o", io.BytesIO(good + damaged + good))) == [b"good"]


def test_flush_returns_when_all_is_there(tmp_path):
    file = EventFile(tmp_path, ".test")
    for count in (1, 10, 1000):
        for step in range(count):
            file.add(event(step))
        file.flush()
        assert steps_in(tmp_path)[-count:] == list(range(count))
    file.close()


def test_what_nobody_flushed_is_there_soon(tmp_path):
    file = EventFile(tmp_path, ".test")
    file.add(event(7))
    deadline = time.monotonic() + _PATIENCE
    while steps_in(tmp_path) != [7]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    file.close()


def test_close_writes_all_and_ends_the_thread(tmp_path):
    before = threading.active_count()
    file = EventFile(tmp_path, ".test")
    for step in range(20_000):  # more than the queue holds
        file.add(event(step))
    file.close()
    file.close()
    assert steps_in(tmp_path) == list(range(20_000))
    assert threading.active_count() == before
    with pytest.raises(RuntimeError) as caught:
        file.add(event(0))
    assert str(caught.value) == (
        f"A trace that is closed takes nothing more: open another one. Received: more for {str(tmp_path)!r}."
    )


def test_names_are_tensorboards_in_the_order_of_opening(tmp_path):
    names = []
    for _ in range(30):
        before = set(tmp_path.iterdir())
        EventFile(tmp_path, ".test").close()
        names += [file.name for file in set(tmp_path.iterdir()) - before]
    assert names == sorted(set(names))
    assert all(name.startswith("events.out.tfevents.") and name.endswith(".test") for name in names)


class Storage:
    """A file system in memory, and its only file, with so much room."""

    seconds = 0.0

    def __init__(self, room: int) -> None:
        self.room, self.content, self.is_closed = room, b"", False

    def create(self, directory: str, name: str) -> Storage:
        return self

    def write(self, data: bytes) -> None:
        if len(self.content) + len(data) > self.room:
            raise OSError(28, "No space left on device")
        self.content += data

    def settle(self) -> None:
        pass

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


def test_an_error_of_the_thread_is_raised_by_the_next_call_and_nobody_waits_in_vain(tmp_path, monkeypatch):
    storage = Storage(room=2_000)
    monkeypatch.setattr("tb_lrfinder.storage.event_file.file_system_of", lambda path: storage)
    file = EventFile(tmp_path, ".test")

    def fill() -> None:
        for step in range(100_000):  # far more than the queue holds
            file.add(event(step))
        file.flush()

    for do in (fill, file.flush, lambda: file.add(event(0))):
        with pytest.raises(OSError) as caught:
            do()
        assert str(caught.value) == (
            "`log_dir` must be a directory that can be written: name another one, or make room or give rights there. "
            f"Received: {str(tmp_path)!r}: No space left on device."
        )
    file.close()  # it has been said
    assert storage.is_closed


def test_close_tells_an_error_that_nobody_was_told(tmp_path, monkeypatch):
    storage = Storage(room=200)
    monkeypatch.setattr("tb_lrfinder.storage.event_file.file_system_of", lambda path: storage)
    file = EventFile(tmp_path, ".test")
    for step in range(8):
        if file._error is None:
            file._queue.put(event(step).SerializeToString() * 10)
    with pytest.raises(OSError, match="No space left on device"):
        file.close()
    file.close()
    assert storage.is_closed


def test_a_directory_that_fills_up_at_once_is_named_when_it_is_opened(tmp_path, monkeypatch):
    before = threading.active_count()
    monkeypatch.setattr("tb_lrfinder.storage.event_file.file_system_of", lambda path: Storage(room=10))
    with pytest.raises(OSError, match="No space left on device"):
        EventFile(tmp_path, ".test")
    assert threading.active_count() == before


class Bucket:
    """Stands for a remote file system, as `gfile` offers them; `sent` has the size of each file whenever it was sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def makedirs(self, path: str) -> None:
        pass

    def GFile(self, path: str, mode: str) -> Bucket:
        return self

    def write(self, data: bytes) -> None:
        self.sent.append(len(data))

    def __enter__(self) -> Bucket:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


def test_a_slow_network_holds_up_no_training(monkeypatch):
    bucket, clock, gate = Bucket(), {"now": time.monotonic()}, threading.Event()
    monkeypatch.setattr("tb_lrfinder.storage.event_file.file_system_of", lambda path: _TensorFlows(bucket))
    trace = TraceWriter("s3://bucket/logs")
    opening, send = len(bucket.sent), bucket.write
    monkeypatch.setattr(bucket, "write", lambda data: gate.wait(_PATIENCE) and send(data))
    with monkeypatch.context() as patch:
        patch.setattr("tb_lrfinder.storage.row_writer.time.monotonic", lambda: clock["now"])
        for step in range(200):
            clock["now"] += 10.0  # every row is due
            trace.append(0.1, float(step))
    assert trace._num_segments > 50
    assert len(bucket.sent) == opening
    gate.set()
    trace.close()
    # One that was on its way, perhaps one for all that were asked for meanwhile, and the end.
    assert len(bucket.sent) <= opening + 3


@pytest.mark.parametrize(("hours", "per_second"), [(1, 50), (24, 5)])
def test_a_long_training_sends_its_remote_file_seldom(monkeypatch, hours, per_second):
    bucket, clock = Bucket(), {"now": 0.0}
    monkeypatch.setattr("tb_lrfinder.storage.event_file.file_system_of", lambda path: _TensorFlows(bucket))
    monkeypatch.setattr("tb_lrfinder.storage.row_writer.time.monotonic", lambda: clock["now"])
    trace = TrainingTrace("s3://bucket/logs", Header(kind=TRAINING, started=0.0))
    events = trace._writer._events
    seconds = hours * 3600
    rates = 0.05 * (1 + np.cos(np.pi * np.arange(seconds * per_second) / (seconds * per_second)))
    steps = training_steps(rates)
    for second in range(seconds):
        clock["now"] = float(second)
        trace.append(steps[second * per_second : (second + 1) * per_second])
        while not events._queue.empty():  # as in a training, where the thread has time
            time.sleep(0)
    trace.close("finished", "The training ended.")
    final = bucket.sent[-1]
    assert 500_000 < final < 3_000_000
    assert len(bucket.sent) < 200
    # Each time there are two percent more rows: sums of such sizes are fifty times the last one.
    assert sum(bucket.sent) < 51 * final
