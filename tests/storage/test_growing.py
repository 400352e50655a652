"""A trace is read whole while it grows, with both of TensorBoard's loaders: its last segment is written again and again."""

from __future__ import annotations

import random

from tests.support.tensorboard_server import serve
from tests.support.traces import append, open_trace, rows_of, synthetic_curve


def test_what_is_read_of_a_growing_trace_is_its_beginning_and_in_the_end_all_of_it(tmp_path, load_fast):
    curve, chance = synthetic_curve(1_000), random.Random(0)
    expected = rows_of(curve)
    with serve(tmp_path, load_fast) as server:
        writer = open_trace(tmp_path / "run", 1_000)
        server.wait_for(lambda traces: "run" in traces)
        start, lengths = 0, [0]
        while start < 1_000:
            # The pace is that of the requests, between which the file's thread writes and TensorBoard reads.
            end = min(start + chance.choice((1, 2, 20)), 1_000)
            append(writer, curve, start, end)
            start = end
            trace = server.traces()["run"]
            assert trace["status"] == "running"
            if trace["rows"]:
                rows = server.rows(trace["id"])
                assert rows.tobytes() == expected[: len(rows)].tobytes()
                lengths.append(len(rows))
        assert lengths == sorted(lengths)
        writer.close()
        trace = server.wait_for(lambda traces: traces["run"]["status"] == "finished" and traces["run"])
        assert server.rows(trace["id"]).tobytes() == expected.tobytes()
    assert writer._content.num_segments < 100
