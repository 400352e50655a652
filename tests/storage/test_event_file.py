"""`EventFile`: what it writes, when it is there, and what becomes of errors in its thread."""

from __future__ import annotations

import io
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

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


class Steps:
    """A content of events that have a step and nothing else."""

    growth = 1.0

    def __init__(self) -> None:
        self.waiting: list[int] = []

    def add(self, *steps: int) -> None:
        self.waiting.extend(steps)

    def take(self) -> Iterator[bytes]:
        taken, self.waiting = self.waiting, []
        yield b"".join(framed(event_pb2.Event(wall_time=1.0, step=step).SerializeToString()) for step in taken)


def steps_in(log_dir: Path) -> list[int]:
    """The steps of the events in the only file, its version aside."""
    (file,) = log_dir.iterdir()
    with open(file, "rb") as content:
        return steps_of(content)


def steps_of(content: BinaryIO) -> list[int]:
    first, *others = (event_pb2.Event.FromString(one) for one in events_with(content, b""))
    assert first.file_version == "brain.Event:2"
    return [one.step for one in others]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@given(st.lists(st.binary(max_size=200)))
def test_records_are_those_of_tensorboard_and_come_back(events):
    expected = io.BytesIO()
    for one in events:
        RecordWriter(expected).write(one)
    assert b"".join(map(framed, events)) == expected.getvalue()
    assert list(events_with(expected, b"")) == events


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1), st.data())
def test_a_file_that_is_cut_off_gives_its_whole_records(events, data):
    whole = b"".join(map(framed, events))
    cut = data.draw(st.integers(0, len(whole)))
    found = list(events_with(io.BytesIO(whole[:cut]), b""))
    assert found == events[: len(found)]
    assert len(b"".join(map(framed, events[: len(found) + 1]))) > cut or found == events


def test_nothing_after_a_damaged_record_is_believed():
    good, damaged = framed(b"good"), bytearray(framed(b"word"))
    damaged[-1] ^= 1
    assert list(events_with(io.BytesIO(good + damaged + good), b"o")) == [b"good"]
    damaged = bytearray(framed(b"word"))
    damaged[8] ^= 1
    assert list(events_with(io.BytesIO(good + damaged + good), b"o")) == [b"good"]


def test_flush_returns_when_all_is_there(tmp_path):
    steps = Steps()
    file = EventFile(tmp_path, ".test", steps)
    for count in (1, 10, 1000):
        steps.add(*range(count))
        file.flush()
        assert steps_in(tmp_path)[-count:] == list(range(count))
    file.close()


def test_what_nobody_flushed_is_there_soon(tmp_path):
    steps = Steps()
    file = EventFile(tmp_path, ".test", steps)
    file.flush()
    steps.add(7)
    wait_until(lambda: steps_in(tmp_path) == [7])
    file.close()


def test_close_writes_all_and_ends_the_thread(tmp_path):
    before = threading.active_count()
    steps = Steps()
    file = EventFile(tmp_path, ".test", steps)
    steps.add(*range(20_000))
    file.close()
    file.close()
    assert steps_in(tmp_path) == list(range(20_000))
    assert threading.active_count() == before
    with pytest.raises(RuntimeError) as caught:
        file.flush()
    assert str(caught.value) == (
        f"A trace that is closed takes nothing more: open another one. Received: more for {str(tmp_path)!r}."
    )


def test_names_are_tensorboards_in_the_order_of_opening(tmp_path):
    names = []
    for _ in range(30):
        before = set(tmp_path.iterdir())
        EventFile(tmp_path, ".test", Steps()).close()
        names += [file.name for file in set(tmp_path.iterdir()) - before]
    assert names == sorted(set(names))
    assert all(name.startswith("events.out.tfevents.") and name.endswith(".test") for name in names)


class Storage:
    """A file system in memory, and its only file, with so much room; it takes what fits, as disks do."""

    seconds, growth = 0.01, 0.0

    def __init__(self, room: int) -> None:
        self.room, self.content, self.is_closed = room, b"", False

    def create(self, directory: str, name: str) -> Storage:
        return self

    def write(self, data: memoryview) -> int:
        taken = bytes(data[: self.room - len(self.content)])
        if not taken:
            raise OSError(28, "No space left on device")
        self.content += taken
        return len(taken)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


def full(log_dir: Path) -> str:
    return (
        "`log_dir` must be a directory that can be written: name another one, or make room or give rights there. "
        f"Received: {str(log_dir)!r}: No space left on device."
    )


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Storage:
    storage = Storage(room=2_000)
    monkeypatch.setattr("tb_lrfinder.storage.event_file.file_system_of", lambda path: storage)
    return storage


def test_an_error_of_the_thread_is_raised_by_whoever_asks_as_long_as_it_lasts(tmp_path, storage):
    steps = Steps()
    file = EventFile(tmp_path, ".test", steps)
    steps.add(*range(1000))
    for ask in (file.flush, file.raise_error, file.flush, file.close):
        with pytest.raises(OSError) as caught:
            ask()
        assert str(caught.value) == full(tmp_path)
    assert storage.is_closed


def test_what_did_not_fit_goes_on_at_the_right_byte_when_there_is_room_again(tmp_path, storage):
    steps = Steps()
    file = EventFile(tmp_path, ".test", steps)
    steps.add(*range(1000))
    with pytest.raises(OSError):
        file.flush()
    assert len(storage.content) == 2_000
    steps.add(1000)  # waits for what is older
    storage.room = 10_000_000
    file.flush()
    file.raise_error()
    assert steps_of(io.BytesIO(storage.content)) == list(range(1001))
    file.close()


def test_it_is_tried_again_without_anybody_asking(tmp_path, storage):
    storage.room = 10
    steps = Steps()
    file = EventFile(tmp_path, ".test", steps)
    steps.add(1, 2)
    with pytest.raises(OSError):
        file.flush()
    storage.room = 10_000
    wait_until(lambda: len(storage.content) > 10 and steps_of(io.BytesIO(storage.content)) == [1, 2])
    file.close()


def test_a_directory_that_cannot_be_made_is_tried_again(tmp_path):
    (tmp_path / "logs").write_text("in the way")
    steps = Steps()
    file = EventFile(tmp_path / "logs" / "run", ".test", steps)
    steps.add(1)
    with pytest.raises(OSError, match="a file has that name"):
        file.flush()
    (tmp_path / "logs").unlink()
    file.flush()
    assert steps_in(tmp_path / "logs" / "run") == [1]
    file.close()


def test_a_directory_that_is_removed_has_words_of_its_own(tmp_path):
    file = EventFile(tmp_path / "run", ".test", Steps())
    file.flush()
    shutil.rmtree(tmp_path / "run")
    for ask in (file.flush, file.close):
        with pytest.raises(OSError) as caught:
            ask()
        assert str(caught.value) == (
            "`log_dir` must stay while a trace is written into it: open another trace. "
            f"Received: {str(tmp_path / 'run')!r}: its directory was removed, or the file in it."
        )


def test_a_directory_that_fills_up_at_once_is_named_when_a_trace_is_opened(tmp_path, storage):
    storage.room = 10
    before = threading.active_count()
    with pytest.raises(OSError) as caught:
        TraceWriter(tmp_path)
    assert str(caught.value) == full(tmp_path)
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
    bucket, gate = Bucket(), threading.Event()
    monkeypatch.setattr("tb_lrfinder.storage.event_file.file_system_of", lambda path: _TensorFlows(bucket))
    trace = TraceWriter("s3://bucket/logs")
    opening, send = len(bucket.sent), bucket.write
    monkeypatch.setattr(bucket, "write", lambda data: gate.wait(_PATIENCE) and send(data))
    trace._events.flush(wait=False)
    for step in range(200):
        trace.append(0.1, float(step))
        trace._events.flush(wait=False)
    assert len(bucket.sent) == opening
    gate.set()
    trace.close()
    # One that was on its way, one for all that were asked for meanwhile, and the end.
    assert opening < len(bucket.sent) <= opening + 3


@pytest.mark.parametrize(("hours", "per_second"), [(1, 50), (24, 5)])
def test_a_long_training_sends_its_remote_file_seldom(monkeypatch, hours, per_second):
    bucket = Bucket()
    monkeypatch.setattr("tb_lrfinder.storage.event_file.file_system_of", lambda path: _TensorFlows(bucket))
    monkeypatch.setattr(EventFile, "_run", EventFile._try_to_write)  # the test keeps the pace
    monkeypatch.setattr(EventFile, "flush", lambda self, wait=True: None)
    trace = TrainingTrace("s3://bucket/logs", Header(kind=TRAINING, started=0.0))
    events = trace._writer._events
    events._thread.join()
    file = events._file
    assert file is not None
    seconds = hours * 3600
    rates = 0.05 * (1 + np.cos(np.pi * np.arange(seconds * per_second) / (seconds * per_second)))
    steps = training_steps(rates)
    written_at = 0.0
    for second in range(seconds):
        trace.append(steps[second * per_second : (second + 1) * per_second])
        if second - written_at >= file.seconds:
            written_at = second
            if events._is_due():
                events._try_to_write()
    trace.close("finished", "The training ended.")
    events._try_to_write()
    final = bucket.sent[-1]
    assert 500_000 < final < 3_000_000
    assert 50 < len(bucket.sent) < 200
    # Each time there are two percent more rows: sums of such sizes are fifty times the last one.
    assert sum(bucket.sent) < 51 * final
