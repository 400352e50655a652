"""`TraceContent`: how rows lie in segments while a trace grows, and afterwards."""

from __future__ import annotations

import io
import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2
from tensorboard.util import tensor_util

from tb_lrfinder.storage import schema
from tb_lrfinder.storage.records import events_with
from tb_lrfinder.storage.trace_content import TraceContent
from tests.support.traces import header


class Segments:
    """What a reader has: of each segment, the last step and tensor."""

    def __init__(self) -> None:
        self.last: dict[int, tuple[int, np.ndarray]] = {}
        self.num_rows_written = 0
        self.scalars: list[int] = []

    def read(self, records: bytes) -> None:
        for event in map(event_pb2.Event.FromString, events_with(io.BytesIO(records), b"")):
            for value in event.summary.value:
                tag = schema.parse_tag(value.tag)
                if tag is None:
                    self.scalars += [event.step] if value.tag == "loss" else []
                elif tag.index is not None:
                    assert tag.index not in self.last or event.step > self.last[tag.index][0]
                    self.last[tag.index] = event.step, tensor_util.make_ndarray(value.tensor)
                    self.num_rows_written += len(self.last[tag.index][1])

    def rows(self) -> np.ndarray:
        assert list(self.last) == list(range(len(self.last)))
        rows = np.concatenate([rows for _, rows in self.last.values()])
        assert self.last[len(self.last) - 1][0] == len(rows)
        return rows


def opened() -> TraceContent:
    content = TraceContent(header())
    content.columns = ("step", "learning_rate", "loss")
    return content


def add(content: TraceContent, number: int) -> None:
    content.add((time.time(), (content.num_added, 0.1, 1.0)) for _ in range(number))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=120))
@settings(max_examples=30)
def test_at_every_moment_the_last_event_of_each_segment_makes_all_rows_there_are(paces):
    content, segments = opened(), Segments()
    for number in (1, *paces):
        add(content, number)
        segments.read(b"".join(content.take()))
        assert segments.rows()[:, 0].tolist() == list(range(content.num_added))
        assert segments.scalars == list(range(content.num_added))


def test_a_slow_loop_makes_no_segment_of_each_row():
    content, segments = opened(), Segments()
    numbers = []
    for _ in range(3_200):
        add(content, 1)
        segments.read(b"".join(content.take()))
        numbers.append(content.num_segments)
    assert numbers[49] == 50  # the first rows are two percent each
    assert numbers[799] < 50 + 50 * np.log(800 / 50) * 1.2  # then as many more with each doubling …
    assert numbers[-1] - numbers[1_599] <= 1_600 / 16 + 1  # … until sixteen rows are less than two percent
    assert segments.num_rows_written / 3_200 <= (16 + 1) / 2  # each row is written so often on average


def test_a_header_that_tells_the_end_stands_behind_the_last_rows():
    content = opened()
    add(content, 3)
    content.change_header(status="finished", stop_reason="completed", stop_text="It ended.")
    records = b"".join(content.take())
    assert records.index(b"/rows/") < records.index(b"/header")
