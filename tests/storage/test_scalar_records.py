"""Records of scalars made many at once are those that TensorBoard makes one by one."""

from __future__ import annotations

import math

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2

from tb_lrfinder.storage.records import framed
from tb_lrfinder.storage.scalar_records import records


def test_the_records_of_many_rows_are_those_of_each():
    steps = np.array([1, 2, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 2**40, 2**53], np.int64)
    wall_times = 1.7e9 + np.arange(len(steps)) / 7
    values = np.random.default_rng(0).lognormal(0, 30, (len(steps), 2))
    values[:4, 1] = [math.nan, math.inf, -math.inf, 1e300]
    expected = b"".join(
        framed(
            event_pb2.Event(
                wall_time=wall_time,
                step=int(step),
                summary=summary_pb2.Summary(
                    value=[
                        summary_pb2.Summary.Value(tag=tag, simple_value=value)
                        for tag, value in zip(("learning_rate", "loss"), row, strict=True)
                    ]
                ),
            ).SerializeToString()
        )
        for wall_time, step, row in zip(wall_times.tolist(), steps, values.tolist(), strict=True)
    )
    assert records(("learning_rate", "loss"), wall_times, steps, values) == expected


def test_a_step_of_zero_is_read_as_such():
    record = records(("loss",), np.ones(1), np.zeros(1, np.int64), np.full((1, 1), 0.5))
    event = event_pb2.Event.FromString(record[12:-4])
    assert (event.step, event.wall_time, event.summary.value[0].simple_value) == (0, 1.0, 0.5)
